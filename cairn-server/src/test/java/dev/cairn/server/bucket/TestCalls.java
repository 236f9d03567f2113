package dev.cairn.server.bucket;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Context;
import dev.cairn.account.Caller;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Bucket;
import dev.cairn.aws.http.Headers;
import dev.cairn.aws.http.Request;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.server.bucket.S3Operations.Work;
import dev.cairn.server.http.Exchange;
import dev.cairn.server.http.Reply;
import dev.cairn.server.operation.TestParts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.util.Objects;

/// Calls of S3, made as the door makes them: it finds the bucket, asks for the right, does it.
///
/// @param catalog where the buckets are
/// @param bucket that all calls are about
record TestCalls(Catalog catalog, S3Operations operations, String bucket) {

    /// @param input JSON, with `'` for `"`
    /// @param body of the object or part that is put
    /// @return the error's code, or what was answered
    Object run(Caller caller, String name, String input, byte[] body) throws Exception {
        try {
            return answered(caller, name, input, body);
        } catch (S3Failure failure) {
            return failure.code().awsName();
        } catch (ArchiveException failure) {
            return S3Failure.of(failure).code().awsName();
        }
    }

    /// As above, without a body.
    Object run(Caller caller, String name, String input) throws Exception {
        return run(caller, name, input, new byte[0]);
    }

    /// As [#run]; what is refused is thrown.
    Object answered(Caller caller, String name, String input, byte[] body) throws Exception {
        var members = (ObjectNode) new ObjectMapper().readTree(input.replace('\'', '"'));
        members.put("Bucket", bucket);
        var call =
                new S3Call(
                        caller,
                        "us-east-1",
                        members,
                        new Exchange(
                                new Request("PUT", "/", "", Headers.of("Host", "cairn.example")),
                                InputStream.nullInputStream(),
                                0,
                                "203.0.113.9",
                                null),
                        new Context(TestParts.NOW, "us-east-1", "203.0.113.9", false),
                        new S3Call.Body(() -> new ByteArrayInputStream(body), body.length, null));
        var built = operations.operation(name).orElseThrow();
        Bucket found = built.inBucket() ? operations.bucket(call) : null;
        operations.require(call, built, found);
        return switch (built.work()) {
            case Work.Document work -> work.run(call, Objects.requireNonNull(found));
            case Work.Raw work -> work.run(call, Objects.requireNonNull(found));
            case Work.Change work ->
                    catalog.<ObjectNode, CatalogException>write(tx -> work.run(call, found, tx));
        };
    }

    /// The bytes of an answer that has some.
    static String text(Object reply) throws Exception {
        var out = new ByteArrayOutputStream();
        ((Reply.Streamed) ((Reply) reply).body()).writer().write(out);
        return out.toString(UTF_8);
    }
}
