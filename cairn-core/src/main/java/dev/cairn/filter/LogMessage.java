package dev.cairn.filter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One message of a log, as patterns look at it. For one thread at a time.
public final class LogMessage {
    private final byte @Nullable [] utf8;
    private @Nullable String text;
    private @Nullable List<String> columns;

    private LogMessage(byte @Nullable [] utf8, @Nullable String text) {
        this.utf8 = utf8;
        this.text = text;
    }

    public static LogMessage of(String text) {
        return new LogMessage(null, text);
    }

    /// @param utf8 well-formed, such as a recorded event; must not be changed while it is looked at
    public static LogMessage of(byte[] utf8) {
        return new LogMessage(utf8, null);
    }

    String text() {
        String known = text;
        if (known == null) {
            known = utf8 == null ? "" : new String(utf8, UTF_8);
            text = known;
        }
        return known;
    }

    /// What spaces part; what stands between brackets or double quotes is one.
    List<String> columns() {
        List<String> known = columns;
        if (known == null) {
            known = Columns.split(text());
            columns = known;
        }
        return known;
    }

    JsonParser parser(JsonFactory json) throws IOException {
        return utf8 == null ? json.createParser(text()) : json.createParser(utf8);
    }
}
