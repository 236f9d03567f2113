package dev.cairn.embedded.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// A key of 32 bytes that the operator keeps somewhere, written as 44 characters of base64 or 64 of
/// hex.
///
/// | where | the key is |
/// | --- | --- |
/// | `file:PATH` | in that file |
/// | `env:NAME` | in that environment variable |
/// | `command:…` | what `/bin/sh -c …` prints, such as a call to a key manager |
///
/// The key itself is never part of a message.
public final class KeySource {
    /// How long a command may take.
    static final Duration COMMAND_MAX = Duration.ofSeconds(30);

    /// No key is longer.
    private static final int OUTPUT_BYTES_MAX = 4096;

    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
    private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]{43}=");

    private KeySource() {}

    /// Reads a key.
    ///
    /// @param name what the key is called in messages: a setting, an option
    /// @param environment for `env:` and the command
    /// @return exactly 32 bytes
    /// @throws IOException when there is none there, or it has another form
    /// @throws InterruptedException when interrupted while the command ran; it is ended
    public static byte[] read(String name, String where, Map<String, String> environment)
            throws IOException, InterruptedException {
        int colon = where.indexOf(':');
        String rest = where.substring(colon + 1);
        return switch (colon < 0 ? "" : where.substring(0, colon)) {
            case "file" -> {
                try {
                    yield ofFile(name, Path.of(rest));
                } catch (NoSuchFileException e) {
                    throw new IOException(
                            "%s: expected a key in %s, which is not there".formatted(name, rest),
                            e);
                }
            }
            case "env" -> {
                String text = environment.get(rest);
                if (text == null) {
                    throw new IOException(
                            "%s: expected the key in the environment variable %s, which is not set"
                                    .formatted(name, rest));
                }
                yield parse(name, text, "the environment variable " + rest);
            }
            case "command" ->
                    parse(name, output(name, rest, environment), "the output of the command");
            default ->
                    throw new IOException(
                            name + ": expected file:PATH, env:NAME or command:…, got another form");
        };
    }

    /// @throws NoSuchFileException when there is no such file
    static byte[] ofFile(String name, Path file) throws IOException {
        return parse(name, Files.readString(file, UTF_8), file.toString());
    }

    static byte[] parse(String name, String text, String where) throws IOException {
        String key = text.strip();
        if (HEX.matcher(key).matches()) {
            return HexFormat.of().parseHex(key);
        }
        if (BASE64.matcher(key).matches()) {
            return Base64.getDecoder().decode(key);
        }
        throw new IOException(
                "%s: expected 32 bytes as 44 characters of base64 or 64 of hex in %s, got %d characters of another form"
                        .formatted(name, where, key.length()));
    }

    /// What the command prints. It is read once the command has ended, so that one that hangs is
    /// noticed: what it prints waits in the pipe, which is far larger than a key; a command that
    /// fills it never ends, and is refused too.
    private static String output(String name, String command, Map<String, String> environment)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder("/bin/sh", "-c", command)
                        .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(COMMAND_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(
                        "%s: expected the command to end within %d s, and ended it"
                                .formatted(name, COMMAND_MAX.toSeconds()));
            }
            if (process.exitValue() != 0) {
                throw new IOException(
                        "%s: expected the command to exit with 0, got %d"
                                .formatted(name, process.exitValue()));
            }
            return new String(process.getInputStream().readNBytes(OUTPUT_BYTES_MAX), UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }
}
