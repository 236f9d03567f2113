package dev.cairn.lake.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The folder that keeps the batches of one set of log files.
///
/// A batch counts once its `.batch` file is there, which is written last, beside and then renamed:
/// what a crash leaves is a file that no batch names, removed when the folder is next tidied.
final class Shelf {
    private static final String BATCH = ".batch";
    private static final String PARQUET = ".parquet";

    private final Path folder;

    Shelf(Path folder) {
        this.folder = folder;
    }

    Path folder() {
        return folder;
    }

    /// A name for a Parquet file that is not there yet.
    Path fresh() {
        return folder.resolve(UUID.randomUUID() + PARQUET);
    }

    /// Keeps a batch whose parts are there.
    void keep(Batch batch) throws IOException {
        var name = UUID.randomUUID() + BATCH;
        var part = folder.resolve(name + ".part");
        for (var made : batch.parts()) {
            force(folder.resolve(made.name()));
        }
        try (var out =
                FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var bytes = ByteBuffer.wrap(batch.json());
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static void force(Path file) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }

    /// The batches that hold: all their log files are among these and unchanged, and their parts
    /// are there whole.
    List<Batch> holding(List<LogFile> files) throws IOException {
        var now = new HashSet<>(files);
        var holding = new ArrayList<Batch>();
        for (var batch : all().values()) {
            if (now.containsAll(batch.files()) && whole(batch)) {
                now.removeAll(batch.files());
                holding.add(batch);
            }
        }
        return holding;
    }

    private boolean whole(Batch batch) {
        return batch.parts().stream()
                .allMatch(part -> folder.resolve(part.name()).toFile().length() == part.length());
    }

    /// Batches by the file that says what they are. One that cannot be read is as good as none.
    private Map<Path, Batch> all() throws IOException {
        var all = new HashMap<Path, Batch>();
        for (var file : list()) {
            if (file.toString().endsWith(BATCH)) {
                try {
                    all.put(file, Batch.of(Files.readAllBytes(file)));
                } catch (IOException | RuntimeException _) {
                    // Made anew from the log files.
                }
            }
        }
        return all;
    }

    private List<Path> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    /// Removes everything but these batches; only under the exclusive lock.
    void retain(List<Batch> batches) throws IOException {
        var kept = new HashSet<Path>();
        all().forEach((file, batch) -> {
            if (batches.contains(batch)) {
                kept.add(file);
                batch.parts().forEach(part -> kept.add(folder.resolve(part.name())));
            }
        });
        for (var file : list()) {
            var name = file.getFileName().toString();
            if (!kept.contains(file)
                    && (name.endsWith(BATCH) || name.endsWith(PARQUET) || name.endsWith(".part"))) {
                Files.deleteIfExists(file);
            }
        }
    }

    long length() throws IOException {
        long length = 0;
        for (var file : list()) {
            length += file.toFile().length();
        }
        return length;
    }
}
