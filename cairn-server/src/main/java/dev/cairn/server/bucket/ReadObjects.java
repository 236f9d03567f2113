package dev.cairn.server.bucket;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Context;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.ObjectStore.Opener;
import dev.cairn.archive.ObjectStore.Reading;
import dev.cairn.archive.ObjectStore.Stored;
import dev.cairn.archive.WrappedKey;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.Invocation;
import dev.cairn.server.operation.Operation;
import dev.cairn.server.own.OwnCalls;
import dev.cairn.server.own.OwnEvent;
import dev.cairn.server.own.OwnRecord;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Cairn's own ReadObjects (`POST /cairn/v1/objects`, `{"bucket":…,"keys":[…]}`): many objects of a
/// bucket by one call, each decided on and recorded as the GetObject that it stands for.
///
/// All that is to be recorded is, by one append, before the first byte goes out; when the ledger
/// pushes back, nothing is read. The answer gives the objects in the order they were asked for. It
/// may end before the last of them: at [#OBJECT_BYTES_MAX], then the rest is to be asked for anew.
///
/// ```
/// head     a line of JSON: {"key","length","stored","contentType","contentEncoding","metadata"}
/// content  behind such a head: pieces, each a line with its length in bytes, then the bytes;
///          ended by a line `end`, or by `broken` when the rest cannot be read
/// refusal  instead of both, a line of JSON: {"key","code","message"}, as S3 answers a GetObject
/// …
/// last     a line of JSON: {"answered"}, how many keys were
/// ```
public final class ReadObjects implements Operation.Many {
    private static final Logger LOG = LoggerFactory.getLogger(ReadObjects.class);

    /// What one call reads, unless a single object is larger.
    static final long OBJECT_BYTES_MAX = 64 << 20;

    private static final String OPERATION = "GetObject";
    private static final String METADATA = "x-amz-meta-";
    private static final int PIECE_BYTES = 64 << 10;

    private final S3Operations operations;
    private final S3Records records;
    private final OwnCalls ownCalls;
    private final DataEvents dataEvents;
    private final Optional<String> elsewhere;

    /// @param elsewhere what is told to everyone when there are no buckets here; empty when there
    ///   are
    public ReadObjects(
            S3Operations operations,
            S3Records records,
            OwnCalls ownCalls,
            DataEvents dataEvents,
            Optional<String> elsewhere) {
        this.operations = operations;
        this.records = records;
        this.ownCalls = ownCalls;
        this.dataEvents = dataEvents;
        this.elsewhere = elsewhere;
    }

    /// What is answered for a key.
    private sealed interface Answer {
        /// @param opener has the object's key, where it has one
        record Found(Stored object, Opener opener) implements Answer {}

        record Refused(String key, S3Failure failure) implements Answer {}
    }

    @Override
    public Reply run(Invocation call, Exchange exchange, String requestId)
            throws CatalogException, InterruptedException {
        if (elsewhere.isPresent()) {
            throw new Failure(ErrorCode.UNSUPPORTED_OPERATION, elsewhere.get());
        }
        var context =
                new Context(
                        call.now(),
                        call.region(),
                        exchange.remoteAddress(),
                        exchange.tls() != null);
        Bucket bucket = null;
        Predicate<OwnRecord> wanted = _ -> false;
        var answers = new ArrayList<Answer>();
        var events = new ArrayList<OwnEvent>();
        long bytes = 0;
        for (var key : call.input().path("keys")) {
            var get =
                    new S3Call(
                            call.caller(),
                            call.region(),
                            JsonNodeFactory.instance
                                    .objectNode()
                                    .put("Bucket", call.text("bucket", ""))
                                    .put("Key", key.asText()),
                            exchange,
                            context,
                            S3Call.Body.NONE);
            S3Failure failure = null;
            try {
                if (bucket == null) {
                    bucket = operations.bucket(get);
                    wanted = dataEvents.wanted(bucket);
                }
                Stored object = operations.find(get, bucket);
                bytes += object.length();
                if (bytes > OBJECT_BYTES_MAX && !answers.isEmpty()) {
                    break;
                }
                answers.add(new Answer.Found(object, opener(get, object, events)));
            } catch (ArchiveException broken) {
                failure = failed(requestId, broken);
            } catch (S3Failure refused) {
                failure = refused;
            }
            if (failure != null) {
                answers.add(new Answer.Refused(get.key(), failure));
            }
            if (bucket != null) {
                var event =
                        records.of(
                                OPERATION,
                                get,
                                bucket,
                                Optional.empty(),
                                true,
                                S3Records.outcome(failure),
                                requestId);
                if (wanted.test(event)) {
                    events.add(event);
                }
            }
        }
        ownCalls.recordAll(events);
        var of = bucket;
        return Reply.streamed(
                200, "application/x-cairn-objects", out -> write(out, of, answers, requestId));
    }

    /// Has the key of an object opened for its reader, and that recorded with the rest.
    private Opener opener(S3Call get, Stored object, List<OwnEvent> events)
            throws ArchiveException {
        var key = operations.key(get, object);
        if (key.isEmpty()) {
            return Opener.NONE;
        }
        events.add(key.get().event());
        var refusal = key.get().refusal();
        if (refusal != null) {
            throw refusal;
        }
        var its = WrappedKey.of(object.headers());
        var plaintext = key.get().plaintext();
        return wrapped -> {
            if (plaintext == null || !its.equals(Optional.of(wrapped))) {
                // Another object has taken its place since.
                throw new ArchiveException(
                        ArchiveException.Kind.UNAVAILABLE, "SlowDown", "ask for it again");
            }
            return plaintext;
        };
    }

    private static S3Failure failed(String requestId, ArchiveException failure) {
        LOG.warn("request {}: the archive fails", requestId, failure);
        return S3Failure.of(failure);
    }

    private void write(
            OutputStream to, @Nullable Bucket bucket, List<Answer> answers, String requestId)
            throws IOException {
        var out = new BufferedOutputStream(to, PIECE_BYTES);
        for (Answer answer : answers) {
            switch (answer) {
                case Answer.Refused(String key, S3Failure failure) -> refuse(out, key, failure);
                case Answer.Found(Stored found, Opener opener) -> {
                    if (bucket == null) {
                        throw new IllegalStateException("an object was found in no bucket");
                    }
                    send(out, bucket, found, opener, requestId);
                }
            }
        }
        line(out, JsonNodeFactory.instance.objectNode().put("answered", answers.size()));
        out.flush();
    }

    private void send(
            OutputStream out, Bucket bucket, Stored found, Opener opener, String requestId)
            throws IOException {
        try (Reading reading = operations.open(bucket, found, opener).orElse(null)) {
            if (reading == null) {
                // Deleted since.
                refuse(out, found.key(), new S3Failure(S3Code.NO_SUCH_KEY));
                return;
            }
            Stored object = reading.object();
            line(out, head(object));
            content(out, reading, object, requestId);
        } catch (ArchiveException broken) {
            refuse(out, found.key(), failed(requestId, broken));
        }
    }

    private static void content(OutputStream out, Reading reading, Stored object, String requestId)
            throws IOException {
        var piece = new byte[(int) Math.min(PIECE_BYTES, Math.max(1, object.length()))];
        try (InputStream bytes = reading.bytes(0, object.length())) {
            while (true) {
                int length;
                try {
                    length = bytes.read(piece);
                } catch (IOException damaged) {
                    LOG.error("request {}: the archive is damaged", requestId, damaged);
                    line(out, "broken");
                    return;
                }
                if (length < 0) {
                    line(out, "end");
                    return;
                }
                line(out, Integer.toString(length));
                out.write(piece, 0, length);
            }
        }
    }

    private static ObjectNode head(Stored object) {
        var head = JsonNodeFactory.instance.objectNode();
        head.put("key", object.key());
        head.put("length", object.length());
        head.put("stored", object.stored().toString());
        head.put("contentType", object.header("content-type"));
        head.put("contentEncoding", object.header("content-encoding"));
        var metadata = head.putObject("metadata");
        object.headers()
                .forEach((name, value) -> {
                    if (name.startsWith(METADATA)) {
                        metadata.put(name.substring(METADATA.length()), value);
                    }
                });
        return head;
    }

    private static void refuse(OutputStream out, String key, S3Failure failure) throws IOException {
        line(
                out,
                JsonNodeFactory.instance
                        .objectNode()
                        .put("key", key)
                        .put("code", failure.code().awsName())
                        .put("message", failure.message()));
    }

    private static void line(OutputStream out, ObjectNode document) throws IOException {
        line(out, document.toString());
    }

    private static void line(OutputStream out, String text) throws IOException {
        out.write((text + '\n').getBytes(StandardCharsets.UTF_8));
    }
}
