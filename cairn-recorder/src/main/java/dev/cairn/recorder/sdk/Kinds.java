package dev.cairn.recorder.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/// Which operations only read, and which are data events: by their first word, and by the gateway's
/// reviewed table where names do not tell. What is in doubt writes and manages.
final class Kinds {
    /// The gateway's own file; the build copies it.
    private static final String TABLE = "kinds.txt";

    private static final Pattern READS =
            Pattern.compile(
                    "(Batch|Transact)?(Analyze|Calculate|Check|Classify|Compare|Contains|Count|Describe|Detect"
                            + "|Discover|Estimate|Filter|Get|Head|List|Lookup|Predict|Preview|Query|Read|Recognize"
                            + "|Scan|Search|Select|Simulate|Suggest|Validate|Verify|View)(?![a-z]).*");

    /// S3's operations on objects; what is left is about buckets.
    private static final Pattern S3_DATA =
            Pattern.compile(".*(Object|Multipart|Part|CreateSession)(?!LockConfiguration).*");

    /// Lines of the table: `read sts AssumeRole`.
    private static final Set<String> LINES = lines();

    private Kinds() {}

    /// @param service the first label of the event source
    /// @param operation its name in the API
    static boolean readOnly(String service, String operation) {
        if (LINES.contains("write " + service + " " + operation)) {
            return false;
        }
        return LINES.contains("read " + service + " " + operation)
                || READS.matcher(operation).matches();
    }

    /// The same of both.
    static boolean management(String service, String operation) {
        if (service.equals("s3")) {
            return !S3_DATA.matcher(operation).matches();
        }
        return !LINES.contains("data " + service + " " + operation);
    }

    private static Set<String> lines() {
        var lines = new HashSet<String>();
        try (var in =
                Objects.requireNonNull(
                        Kinds.class.getResourceAsStream(TABLE), "the table of kinds")) {
            new BufferedReader(new InputStreamReader(in, UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" ", -1))
                    .forEach(words ->
                            Arrays.stream(words)
                                    .skip(2)
                                    .forEach(name ->
                                            lines.add(words[0] + " " + words[1] + " " + name)));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
        return lines;
    }
}
