package dev.cairn.server.operation;

import dev.cairn.event.Resource;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.history.Page;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The forms of a download.
enum DownloadFormat {
    /// RFC 4180, one event a line. A cell that a spreadsheet would run as a formula starts with an
    /// apostrophe: records hold what strangers wrote.
    CSV("text/csv; charset=utf-8"),
    /// `{"Records":[…]}`, the records byte for byte: what the Processing Library reads.
    JSON("application/json"),
    /// The records byte for byte, one a line.
    NDJSON("application/x-ndjson");

    private final String contentType;

    DownloadFormat(String contentType) {
        this.contentType = contentType;
    }

    static DownloadFormat named(String name) {
        return switch (name) {
            case "csv" -> CSV;
            case "json" -> JSON;
            case "ndjson" -> NDJSON;
            default ->
                    throw new Failure(
                            ErrorCode.VALIDATION,
                            "format: expected csv, json or ndjson, got '" + name + "'");
        };
    }

    String contentType() {
        return contentType;
    }

    Rows writer(OutputStream out) throws IOException {
        return switch (this) {
            case CSV -> new CsvRows(out);
            case JSON -> new RecordRows(out, "{\"Records\":[", ",", "]}\n");
            case NDJSON -> new RecordRows(out, "", "\n", "");
        };
    }

    /// Writes events one after the other. Closing flushes; only [#end] makes it whole.
    abstract static class Rows implements AutoCloseable {
        private final OutputStream out;

        Rows(OutputStream out) {
            this.out = new BufferedOutputStream(out, 1 << 16);
        }

        abstract void write(Page.Hit hit) throws IOException;

        abstract void end() throws IOException;

        final void text(String text) throws IOException {
            bytes(text.getBytes(StandardCharsets.UTF_8));
        }

        final void bytes(byte[] bytes) throws IOException {
            out.write(bytes);
        }

        @Override
        public void close() throws IOException {
            out.flush();
        }
    }

    private static final class RecordRows extends Rows {
        private final String between;
        private final String after;
        private boolean any;

        RecordRows(OutputStream out, String before, String between, String after)
                throws IOException {
            super(out);
            this.between = between;
            this.after = after;
            text(before);
        }

        @Override
        void write(Page.Hit hit) throws IOException {
            if (any) {
                text(between);
            }
            any = true;
            bytes(hit.event().json());
        }

        @Override
        void end() throws IOException {
            text(after.isEmpty() && any ? "\n" : after);
        }
    }

    private static final class CsvRows extends Rows {
        CsvRows(OutputStream out) throws IOException {
            super(out);
            line(
                    List.of(
                            "eventTime",
                            "account",
                            "region",
                            "username",
                            "principalArn",
                            "sourceIPAddress",
                            "eventSource",
                            "eventName",
                            "readOnly",
                            "resourceTypes",
                            "resourceNames",
                            "errorCode",
                            "accessKeyId",
                            "eventID"));
        }

        @Override
        void write(Page.Hit hit) throws IOException {
            var event = hit.event();
            line(
                    List.of(
                            event.time().toString(),
                            event.place().account(),
                            event.place().region(),
                            orEmpty(event.username()),
                            orEmpty(event.principalArn()),
                            orEmpty(event.sourceIpAddress()),
                            event.source(),
                            event.name(),
                            Boolean.toString(event.readOnly()),
                            joined(event.resources().stream().map(Resource::type).toList()),
                            joined(event.resources().stream().map(Resource::name).toList()),
                            orEmpty(event.errorCode()),
                            orEmpty(event.accessKeyId()),
                            event.id()));
        }

        @Override
        void end() {
            // Every line is whole by itself.
        }

        private void line(List<String> cells) throws IOException {
            text(CsvLine.of(cells));
        }

        private static String joined(List<String> texts) {
            return String.join(" ", texts);
        }

        private static String orEmpty(@Nullable String text) {
            return Objects.requireNonNullElse(text, "");
        }
    }
}
