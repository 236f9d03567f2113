package dev.cairn.aws.sigv4;

import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Percent;
import dev.cairn.aws.http.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/// The canonical request: one spelling for everything that means the same.
///
/// What this folds together must mean the same to whoever reads the request afterwards. So `+` in a
/// query is a blank here and in every codec, and S3's path is decoded once here and once by the
/// archive.
final class Canonical {

    private Canonical() {}

    static String request(
            Request request, boolean s3, Collection<String> signedHeaders, String payload) {
        var canonical =
                new StringBuilder(512)
                        .append(request.method())
                        .append('\n')
                        .append(s3 ? s3Path(request.rawPath()) : path(request.rawPath()))
                        .append('\n')
                        .append(query(request.rawQuery()))
                        .append('\n');
        for (String name : signedHeaders) {
            canonical.append(name).append(':').append(header(request.headers(), name)).append('\n');
        }
        return canonical
                .append('\n')
                .append(String.join(";", signedHeaders))
                .append('\n')
                .append(payload)
                .toString();
    }

    /// All services but S3: dot segments and doubled slashes removed, then each segment encoded
    /// *again*.
    static String path(String rawPath) {
        Deque<String> kept = new ArrayDeque<>();
        for (String segment : rawPath.split("/", -1)) {
            switch (segment) {
                case "", "." -> {}
                case ".." -> kept.pollLast();
                default -> kept.addLast(encode(segment));
            }
        }
        if (kept.isEmpty()) {
            return "/";
        }
        boolean folder = rawPath.endsWith("/") || rawPath.endsWith("/.") || rawPath.endsWith("/..");
        return "/" + String.join("/", kept) + (folder ? "/" : "");
    }

    /// S3: nothing removed, each byte of each segment encoded once. A slash that came as `%2F`
    /// stays one, as signers have it.
    static String s3Path(String rawPath) {
        if (rawPath.isEmpty()) {
            return "/";
        }
        return Arrays.stream(rawPath.split("/", -1))
                .map(segment -> Percent.encode(Percent.decodePath(segment)))
                .collect(Collectors.joining("/"));
    }

    static String query(String rawQuery) {
        if (rawQuery.isEmpty()) {
            return "";
        }
        record Pair(String name, String value) {}
        var pairs = new ArrayList<Pair>();
        for (String part : rawQuery.split("&", -1)) {
            if (part.isEmpty()) {
                continue;
            }
            int equals = part.indexOf('=');
            String name =
                    Percent.encode(
                            Percent.decodeQuery(equals < 0 ? part : part.substring(0, equals)));
            String value =
                    equals < 0
                            ? ""
                            : Percent.encode(Percent.decodeQuery(part.substring(equals + 1)));
            if (!name.equals("X-Amz-Signature")) {
                pairs.add(new Pair(name, value));
            }
        }
        pairs.sort(Comparator.comparing(Pair::name).thenComparing(Pair::value));
        var query = new StringBuilder(rawQuery.length() + 16);
        for (Pair pair : pairs) {
            query.append(query.isEmpty() ? "" : "&")
                    .append(pair.name())
                    .append('=')
                    .append(pair.value());
        }
        return query.toString();
    }

    /// All values of the field in order, each trimmed and with runs of blanks made one, joined by
    /// commas.
    private static String header(Headers headers, String name) {
        List<String> values = headers.all(name);
        return String.join(",", values.stream().map(Canonical::squeeze).toList());
    }

    private static String squeeze(String value) {
        var out = new StringBuilder(value.length());
        boolean blank = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                blank = true;
            } else {
                if (blank && !out.isEmpty()) {
                    out.append(' ');
                }
                blank = false;
                out.append(c);
            }
        }
        return out.toString();
    }

    static String decodeText(String text) {
        return new String(Percent.decodeQuery(text), StandardCharsets.UTF_8);
    }

    static String encode(String text) {
        return Percent.encode(text.getBytes(StandardCharsets.UTF_8));
    }
}
