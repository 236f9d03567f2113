package dev.cairn.server.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.cairn.archive.Archive;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.ArchiveException.Kind;
import dev.cairn.archive.Buckets;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/// Reads the buckets of Cairn's own server, by plain signed requests.
///
/// A library that speaks to every S3 costs a short command more than its work does: loading it, and
/// compiling it anew each time. Safe for use by many threads.
final class OwnBuckets implements Buckets {
    private static final String METADATA = "x-amz-meta-";
    static final String NO_SUCH_KEY = "NoSuchKey";
    static final String NO_SUCH_BUCKET = "NoSuchBucket";
    static final String ACCESS_DENIED = "AccessDenied";

    /// Enough for the call itself to cost little, and few enough for several calls at once.
    private static final int TOGETHER = 128;

    private final Connection connection;

    /// Whether the server would not read many at once, and is not asked to any more.
    private volatile boolean singly;

    /// @param connection stays open as long as this is used
    OwnBuckets(Connection connection) {
        this.connection = connection;
    }

    @Override
    public Optional<Archive.Content> get(String bucket, String key) throws ArchiveException {
        try {
            var answer = connection.s3("/" + bucket + "/" + path(key), Map.of());
            var headers = answer.headers();
            return Optional.of(
                    new Archive.Content(
                            headers.firstValueAsLong("content-length").orElse(-1),
                            stored(headers),
                            new Archive.Description(
                                    headers.firstValue("content-type").orElse(""),
                                    headers.firstValue("content-encoding").orElse(""),
                                    metadata(headers)),
                            answer.body()));
        } catch (CommandException refused) {
            if (is(refused, NO_SUCH_KEY)) {
                return Optional.empty();
            }
            throw failed(refused);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    @Override
    public int together() {
        return TOGETHER;
    }

    /// By ReadObjects; what that does not bring is asked for by itself, so that a server which
    /// refuses it, or an answer that breaks off, costs time and nothing else.
    @Override
    public void getAll(String bucket, List<String> keys, Taker taker) {
        for (var at = 0; at < keys.size(); ) {
            var taken = singly ? 0 : getMany(bucket, keys, at, taker);
            if (taken == 0) {
                var key = keys.get(at);
                taker.take(at, () -> get(bucket, key));
                taken = 1;
            }
            at += taken;
        }
    }

    /// @param from the first key that is asked for
    /// @return how many were taken
    private int getMany(String bucket, List<String> keys, int from, Taker taker) {
        var asked = keys.subList(from, keys.size());
        var document = JsonNodeFactory.instance.objectNode().put("bucket", bucket);
        asked.forEach(document.putArray("keys")::add);
        var taken = 0;
        try (var objects =
                new ObjectStream(connection.stream("/cairn/v1/objects", document), asked)) {
            while (objects.next()) {
                taker.take(from + taken, objects::open);
                taken++;
            }
        } catch (CommandException failure) {
            if (failure.status() != 0) {
                singly = true;
            }
        } catch (IOException _) {
            // It broke off. Whoever was reading was told; what comes behind is asked for anew.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        return taken;
    }

    @Override
    public Archive.Page list(String bucket, String prefix, String after, int max)
            throws ArchiveException {
        return entries(bucket, prefix, after, max).plain();
    }

    /// An object as listed.
    ///
    /// @param storageClass as on the wire; empty where none is told
    record Entry(Archive.Listed object, String storageClass) {}

    /// As [Archive.Page].
    record EntryPage(List<Entry> entries, boolean more) {
        private Archive.Page plain() {
            return new Archive.Page(entries.stream().map(Entry::object).toList(), more);
        }
    }

    /// As [#list], with the class of each object.
    EntryPage entries(String bucket, String prefix, String after, int max) throws ArchiveException {
        var query = new HashMap<String, List<String>>();
        query.put("list-type", List.of("2"));
        query.put("max-keys", List.of(Integer.toString(max)));
        query.put("prefix", List.of(prefix));
        if (!after.isEmpty()) {
            query.put("start-after", List.of(after));
        }
        try (var xml = connection.s3("/" + bucket, query).body()) {
            return entryPage(xml);
        } catch (CommandException refused) {
            throw failed(refused);
        } catch (IOException | XMLStreamException broken) {
            throw new ArchiveException(
                    Kind.UNAVAILABLE, "NoAnswer", "the answer broke off: " + broken, broken);
        } catch (InterruptedException interrupted) {
            throw interrupted(interrupted);
        }
    }

    /// Each part of a key encoded as it is signed.
    static String path(String key) {
        return Arrays.stream(key.split("/", -1))
                .map(Connection::encode)
                .collect(Collectors.joining("/"));
    }

    private static Instant stored(HttpHeaders headers) {
        return headers.firstValue("last-modified")
                .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME))
                .map(ZonedDateTime::toInstant)
                .orElse(Instant.EPOCH);
    }

    private static Map<String, String> metadata(HttpHeaders headers) {
        var metadata = new TreeMap<String, String>();
        headers.map()
                .forEach((header, values) -> {
                    var name = header.toLowerCase(Locale.ROOT);
                    if (name.startsWith(METADATA)) {
                        metadata.put(name.substring(METADATA.length()), String.join(",", values));
                    }
                });
        return metadata;
    }

    /// Reads a ListBucketResult
    /// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html).
    static Archive.Page page(InputStream xml) throws XMLStreamException {
        return entryPage(xml).plain();
    }

    private static EntryPage entryPage(InputStream xml) throws XMLStreamException {
        var inputs = XMLInputFactory.newDefaultFactory();
        inputs.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        var reader = inputs.createXMLStreamReader(xml, "UTF-8");
        var entries = new ArrayList<Entry>();
        var more = false;
        while (reader.hasNext()) {
            if (reader.next() == XMLStreamConstants.START_ELEMENT) {
                switch (reader.getLocalName()) {
                    case "Contents" -> entries.add(entry(reader));
                    case "IsTruncated" -> more = Boolean.parseBoolean(reader.getElementText());
                    default -> {}
                }
            }
        }
        return new EntryPage(entries, more);
    }

    private static Entry entry(XMLStreamReader reader) throws XMLStreamException {
        var texts = new HashMap<String, String>();
        while (reader.nextTag() == XMLStreamConstants.START_ELEMENT) {
            var name = reader.getLocalName();
            switch (name) {
                case "Key", "Size", "LastModified", "StorageClass" ->
                        texts.put(name, reader.getElementText());
                default -> pass(reader);
            }
        }
        try {
            return new Entry(
                    new Archive.Listed(
                            texts.getOrDefault("Key", ""),
                            Long.parseLong(texts.getOrDefault("Size", "")),
                            Instant.parse(texts.getOrDefault("LastModified", ""))),
                    texts.getOrDefault("StorageClass", ""));
        } catch (RuntimeException malformed) {
            throw new XMLStreamException(
                    "expected a key, a size and a time, got " + texts, malformed);
        }
    }

    /// Passes over an element and all in it.
    private static void pass(XMLStreamReader reader) throws XMLStreamException {
        for (int depth = 1; depth > 0; ) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> depth++;
                case XMLStreamConstants.END_ELEMENT -> depth--;
                default -> {}
            }
        }
    }

    private static boolean is(CommandException refused, String code) {
        return String.valueOf(refused.getMessage()).startsWith(code + ":");
    }

    private static ArchiveException failed(CommandException failure) {
        var said = String.valueOf(failure.getMessage());
        if (is(failure, NO_SUCH_BUCKET)) {
            return new ArchiveException(Kind.NO_SUCH_BUCKET, NO_SUCH_BUCKET, said, failure);
        }
        return failure.status() == 403
                ? new ArchiveException(Kind.DENIED, ACCESS_DENIED, said, failure)
                : new ArchiveException(Kind.UNAVAILABLE, "NoAnswer", said, failure);
    }

    private static ArchiveException interrupted(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new ArchiveException(Kind.UNAVAILABLE, "RequestAborted", "interrupted", interrupted);
    }
}
