package dev.cairn.server.wiring;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;

/// Notes in a folder's settings that its buckets are elsewhere: whole or not at all, wherever it is
/// cut short.
final class SettingsNote {
    static final String SETTINGS = "cairn.properties";
    private static final String DRAFT = "cairn.properties.draft";
    private static final int SETTINGS_BYTES_MAX = 1 << 20;

    private SettingsNote() {}

    /// Keeps a file from everyone but its owner.
    @FunctionalInterface
    interface Guard {
        void ownerOnly(String name) throws IOException;
    }

    /// Sets `archive.kind=s3`, and takes the colder place out, which only built-in buckets have;
    /// all other lines stay.
    ///
    /// @param guard keeps the draft, as settings may hold secrets
    static void elsewhere(Disk disk, Guard guard) throws IOException, DiskException {
        var lines = new ArrayList<String>();
        for (var line : settings(disk).lines().toList()) {
            if (line.strip().matches("archive\\.cold\\s*[=: ].*")) {
                lines.add("# " + line.strip());
            } else if (!line.strip().matches("archive\\.kind\\s*[=: ].*")) {
                lines.add(line);
            }
        }
        lines.add("archive.kind=s3");
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
