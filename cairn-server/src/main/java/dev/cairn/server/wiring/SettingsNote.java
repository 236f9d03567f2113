package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Notes in a folder's settings that its buckets are elsewhere: whole or not at all, wherever it is
/// cut short.
final class SettingsNote {
    static final String SETTINGS = "cairn.properties";
    private static final String DRAFT = "cairn.properties.draft";
    private static final int SETTINGS_BYTES_MAX = 1 << 20;

    /// At the end of a line: it goes on in the next one.
    private static final Pattern ODD_BACKSLASHES = Pattern.compile("(?<!\\\\)(\\\\{2})*\\\\$");

    private SettingsNote() {}

    /// Keeps a file from everyone but its owner.
    @FunctionalInterface
    interface Guard {
        void ownerOnly(String name) throws IOException;
    }

    /// Sets `archive.kind=s3`, and takes the colder place out, which only built-in buckets have;
    /// all other lines stay.
    ///
    /// @param endpoint takes the place of `archive.s3.endpoint`; empty: what is set stays
    /// @param guard keeps the draft, as settings may hold secrets
    static void elsewhere(Disk disk, Optional<String> endpoint, Guard guard)
            throws IOException, DiskException {
        var set = new LinkedHashMap<String, String>();
        set.put("archive.kind", "s3");
        endpoint.ifPresent(there -> set.put("archive.s3.endpoint", there));
        var lines = new ArrayList<String>();
        for (var line : whole(settings(disk).lines().toList())) {
            if (names(line, "archive.cold")) {
                line.lines().map(part -> "# " + part.strip()).forEach(lines::add);
            } else if (set.keySet().stream().noneMatch(name -> names(line, name))) {
                lines.add(line);
            }
        }
        set.forEach((name, value) -> lines.add(name + "=" + value));
        if (disk.exists(DRAFT)) {
            disk.delete(DRAFT);
        }
        try (var file = disk.create(DRAFT)) {
            guard.ownerOnly(DRAFT);
            file.write(ByteBuffer.wrap((String.join("\n", lines) + "\n").getBytes(UTF_8)), 0);
            file.force();
        }
        disk.rename(DRAFT, SETTINGS);
        disk.force("");
    }

    /// Lines that go on over their ends, as those of properties do, in one.
    private static List<String> whole(List<String> lines) {
        var whole = new ArrayList<String>();
        var open = false;
        for (var line : lines) {
            if (open) {
                whole.add(whole.removeLast() + "\n" + line);
            } else {
                whole.add(line);
            }
            var comment = !open && line.strip().matches("[#!].*");
            open = !comment && ODD_BACKSLASHES.matcher(line).find();
        }
        if (open) {
            // It would take in what is added behind it.
            whole.add(whole.removeLast() + "\n");
        }
        return whole;
    }

    private static boolean names(String line, String name) {
        return line.strip().matches("(?s)" + Pattern.quote(name) + "\\s*[=: ].*");
    }

    private static String settings(Disk disk) throws IOException, DiskException {
        if (!disk.exists(SETTINGS)) {
            return "";
        }
        try (var file = disk.open(SETTINGS)) {
            if (file.size() > SETTINGS_BYTES_MAX) {
                throw new IOException(
                        "expected at most %d bytes in %s, got %d"
                                .formatted(SETTINGS_BYTES_MAX, SETTINGS, file.size()));
            }
            var bytes = ByteBuffer.allocate((int) file.size());
            while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
                // The rest.
            }
            return new String(bytes.array(), 0, bytes.position(), UTF_8);
        }
    }
}
