package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Context;
import dev.cairn.access.Target;
import dev.cairn.archive.Buckets;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.TrailBooks;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.proof.Recount;
import dev.cairn.server.http.Reply;
import dev.cairn.trail.TrailCourse;
import dev.cairn.trail.Trails;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Cairn's own RecountTrail: reads every file that a trail's digests name, or that waits for one,
/// and holds the records in them against the books.
///
/// Answers in lines of JSON as it goes: how far it is, every [#OBJECTS_A_LINE] objects, and at last
/// what it found, with `done`. For the root of the default account, like the recount of the ledger.
public final class Recounts {
    private static final int OBJECTS_A_LINE = 100;

    private final Access access;
    private final Catalog catalog;
    private final Trails trails;
    private final Buckets buckets;

    public Recounts(Access access, Catalog catalog, Trails trails, Buckets buckets) {
        this.access = access;
        this.catalog = catalog;
        this.trails = trails;
        this.buckets = buckets;
    }

    Reply recount(Invocation call) throws CatalogException {
        access.decide(
                        call.caller(),
                        StatusSource.INSPECT,
                        Target.account(call.caller().account()),
                        new Context(call.now(), call.region(), null, false))
                .orFail();
        var course = course(call.text("trail", ""));
        var books = TrailBooks.of(catalog, course.id(), course.latest().trail().account());
        return Reply.streamed(200, "application/x-ndjson", out -> write(books, out));
    }

    /// The youngest of those that ever had that ARN and are not forgotten.
    private TrailCourse course(String arn) throws CatalogException {
        return trails.current().courses().stream()
                .filter(course -> course.latest().trail().arn().equals(arn))
                .reduce((_, later) -> later)
                .orElseThrow(() -> new Failure(ErrorCode.TRAIL_NOT_FOUND, "Unknown trail: " + arn));
    }

    private void write(TrailBooks books, OutputStream out) throws IOException {
        var result =
                Recount.of(
                        buckets,
                        books.runEnds(),
                        books.unnamed(),
                        (digests, files, records) -> {
                            if ((digests + files) % OBJECTS_A_LINE == 0) {
                                line(
                                        out,
                                        JsonNodeFactory.instance
                                                .objectNode()
                                                .put("files", files)
                                                .put("ofFiles", books.files()));
                            }
                        });
        var last = JsonNodeFactory.instance.objectNode();
        last.put("done", true);
        last.put("files", result.files());
        last.put("records", result.records());
        last.put("expected", books.validated());
        last.put("unnamed", books.counted() - books.validated());
        last.put(
                "even",
                result.found() == 0
                        && result.records() == books.validated()
                        && books.counted() == books.delivered());
        last.put("found", result.found());
        var findings = last.putArray("findings");
        for (var finding : result.findings()) {
            findings.addObject()
                    .put("kind", finding.kind().name())
                    .put("bucket", finding.bucket())
                    .put("key", finding.key())
                    .put("message", finding.sentence());
        }
        line(out, last);
    }

    private static void line(OutputStream out, ObjectNode json) throws IOException {
        out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
