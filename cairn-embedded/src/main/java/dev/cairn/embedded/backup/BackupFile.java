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

    /// What is told of a line that is none.
    private static final int WORDS_MAX = 300;

    /// The order in which folders are walked: `/` comes before every other character.
    static final Comparator<String> ORDER =
            Comparator.comparing((String path) -> path.replace('/', '\0'));

    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    BackupFile {
        chunks = List.copyOf(chunks);
    }

    String line() {
        return path + '\t' + length + '\t' + sha256 + '\t' + end + '\t' + String.join(",", chunks);
    }

    /// @throws BackupException CORRUPT when it is no such line
    static BackupFile of(String line) throws BackupException {
        String[] fields = line.split("\t", -1);
        if (fields.length != 5
                || fields[0].isEmpty()
                || !LENGTH.matcher(fields[1]).matches()
                || !HASH.matcher(fields[2]).matches()
                || !HASH.matcher(fields[3]).matches()) {
            throw noSuch(line);
        }
        // One pattern for all of them would go as deep into the stack as a file has chunks.
        List<String> chunks = fields[4].isEmpty() ? List.of() : List.of(fields[4].split(",", -1));
        for (String chunk : chunks) {
            if (!HASH.matcher(chunk).matches()) {
                throw noSuch(line);
            }
        }
        return new BackupFile(fields[0], Long.parseLong(fields[1]), fields[2], fields[3], chunks);
    }

    private static BackupException noSuch(String line) {
        return new BackupException(
                Kind.CORRUPT,
                "expected a file in the list of a backup, got: "
                        + line.substring(0, Math.min(line.length(), WORDS_MAX)));
    }
}
