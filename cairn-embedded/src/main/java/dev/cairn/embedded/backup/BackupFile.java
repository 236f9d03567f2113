package dev.cairn.embedded.backup;

import dev.cairn.embedded.backup.BackupException.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;

/// A file as a backup has it: a line of the backup's list.
///
/// A line is path, length, SHA-256, SHA-256 of the end, and the names of the chunks separated by
/// commas, with a tab between each two.
///
/// @param path in the data folder, such as `ledger/0/0000000000000000000.sealed`; below `cold/` in
///   the colder place
/// @param length in bytes
/// @param sha256 of all bytes, in hex
/// @param end SHA-256 of the last [#END_BYTES] bytes, in hex: with path and length it tells whether
///   a file that is written once is the same
/// @param chunks its bytes, in order, see [BackupPlace]
record BackupFile(String path, long length, String sha256, String end, List<String> chunks) {
    static final int END_BYTES = 4096;

    /// The order in which folders are walked: `/` comes before every other character.
    static final Comparator<String> ORDER =
            Comparator.comparing((String path) -> path.replace('/', '\0'));

    private static final Pattern LINE =
            Pattern.compile(
                    "([^\\t]+)\\t(\\d{1,18})\\t([0-9a-f]{64})\\t([0-9a-f]{64})\\t((?:[0-9a-f]{64},?)*)");

    BackupFile {
        chunks = List.copyOf(chunks);
    }

    String line() {
        return path + '\t' + length + '\t' + sha256 + '\t' + end + '\t' + String.join(",", chunks);
    }

    /// @throws BackupException CORRUPT when it is no such line
    static BackupFile of(String line) throws BackupException {
        var fields = LINE.matcher(line);
        if (!fields.matches()) {
            throw new BackupException(
                    Kind.CORRUPT, "expected a file in the list of a backup, got: " + line);
        }
        String chunks = fields.group(5);
        return new BackupFile(
                fields.group(1),
                Long.parseLong(fields.group(2)),
                fields.group(3),
                fields.group(4),
                chunks.isEmpty() ? List.of() : List.of(chunks.split(",")));
    }
}
