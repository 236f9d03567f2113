package dev.cairn.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.opentest4j.TestAbortedException;

/// Real CloudTrail records, from the folder `shared/data` beside the checkout. None of it is part
/// of the project.
///
/// Where the folder is absent, the test that asks is skipped with the reason printed; with
/// `CAIRN_REAL_DATA=required` in the environment it fails.
public final class RealData {
    private final Path folder;

    private RealData(Path folder) {
        this.folder = folder;
    }

    /// The data, or the end of the calling test.
    ///
    /// @throws TestAbortedException when it is absent and not required
    /// @throws AssertionError when it is absent and required
    public static RealData assume() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            Path folder = at.resolveSibling("shared").resolve("data");
            if (Files.isDirectory(folder.resolve("records"))) {
                return new RealData(folder);
            }
        }
        String reason =
                "expected ../shared/data/records beside the checkout that holds %s, got no such folder"
                        .formatted(start);
        if ("required".equals(System.getenv("CAIRN_REAL_DATA"))) {
            throw new AssertionError(reason);
        }
        System.out.println("skipped: " + reason);
        throw new TestAbortedException(reason);
    }

    /// The folder itself, as `shared/data/README.md` describes it.
    public Path folder() {
        return folder;
    }

    /// 4,144 real records, byte for byte as their file has them.
    public List<byte[]> developersPermissive() {
        return lines(unpacked(folder.resolve("records/developers-permissive.ndjson.gz")));
    }

    /// The whole unpacked file of [#developersPermissive].
    public byte[] developersPermissiveBody() {
        return unpacked(folder.resolve("records/developers-permissive.ndjson.gz"));
    }

    /// 777 redacted or synthetic records of rare shapes.
    public List<byte[]> shapesFixtures() {
        return lines(unpacked(folder.resolve("records/shapes-fixtures.ndjson.gz")));
    }

    /// The bodies of 55 delivered log files, by file name, 2,900 records in all.
    public Map<String, byte[]> invictusDelivered() {
        Map<String, byte[]> bodies = new LinkedHashMap<>();
        for (Path file : invictusFiles()) {
            bodies.put(file.getFileName().toString(), read(file));
        }
        return bodies;
    }

    /// The files of [#invictusDelivered], in order of name.
    public List<Path> invictusFiles() {
        try (Stream<Path> files =
                Files.list(folder.resolve("records/invictus-delivered/CloudTrail"))) {
            return files.sorted().toList();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /// 19 lines `{"src":…,"path":…,"r":record}` with Insights events.
    public List<byte[]> insightSamples() {
        return lines(read(folder.resolve("records/insight-samples.jsonl")));
    }

    /// 8 lines `{"src":…,"path":…,"r":digest}` with digest files.
    public List<byte[]> digestSamples() {
        return lines(read(folder.resolve("records/digest-samples.jsonl")));
    }

    private static List<byte[]> lines(byte[] body) {
        List<byte[]> lines = new ArrayList<>();
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (byte b : body) {
            if (b != '\n') {
                line.write(b);
            } else if (line.size() > 0) {
                lines.add(line.toByteArray());
                line.reset();
            }
        }
        if (line.size() > 0) {
            lines.add(line.toByteArray());
        }
        return lines;
    }

    private static byte[] unpacked(Path file) {
        try (InputStream in =
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
