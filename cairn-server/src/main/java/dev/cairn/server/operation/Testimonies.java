package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Access;
import dev.cairn.access.Action;
import dev.cairn.access.Context;
import dev.cairn.access.Decision;
import dev.cairn.access.Target;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.Testimony;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.util.function.Predicate;

/// Cairn's own GetTestimony: what the server says of the buckets that its trails deliver to, so
/// that whoever proves one need not believe the bucket.
///
/// `part` says what is asked: `heads`, the digests that chains must reach; `pending`, the files
/// that wait for their digest; `unsealed`, spans whose files no digest beside them names. Of the
/// caller's account; of all accounts for the root of the default account, and then `accountId` is
/// absent from the answer.
public final class Testimonies {
    private static final Action OF_ALL_ACCOUNTS =
            Action.across("cairn", "GetTestimonyOfAllAccounts");

    private final Testimony testimony;
    private final Access access;

    public Testimonies(Catalog catalog, Access access) {
        this.testimony = new Testimony(catalog);
        this.access = access;
    }

    ObjectNode testimony(Invocation call) throws CatalogException {
        var account = call.caller().account();
        var all =
                access.decide(
                                call.caller(),
                                OF_ALL_ACCOUNTS,
                                Target.account(account),
                                new Context(call.now(), call.region(), null, false))
                        instanceof Decision.Allowed;
        var output = JsonNodeFactory.instance.objectNode();
        if (!all) {
            output.put("accountId", account);
        }
        var next = part(call, output, of -> all || of.equals(account));
        if (!next.isEmpty()) {
            output.put("nextToken", NameToken.of(next));
        }
        return output;
    }

    /// @return what to ask for the page behind this one
    private String part(Invocation call, ObjectNode output, Predicate<String> visible)
            throws CatalogException {
        try {
            var after = NameToken.after(call, "nextToken");
            return switch (call.text("part", "")) {
                case "heads" -> heads(output, visible, testimony.heads(after));
                case "pending" -> pending(output, visible, testimony.pending(after));
                case "unsealed" -> unsealed(output, visible, testimony.unsealed(after));
                default -> throw new Failure(ErrorCode.VALIDATION, "part: expected a known part");
            };
        } catch (IllegalArgumentException _) {
            throw new Failure(ErrorCode.INVALID_NEXT_TOKEN);
        }
    }

    private static String heads(
            ObjectNode output,
            Predicate<String> visible,
            Testimony.Page<dev.cairn.digest.RunEnds.RunEnd> page) {
        var heads = output.putArray("heads");
        for (var end : page.items()) {
            if (visible.test(end.place().account())) {
                heads.addObject()
                        .put("accountId", end.place().account())
                        .put("region", end.place().region())
                        .put("bucket", end.bucket())
                        .put("digest", end.object())
                        .put("digestEndTime", end.end().getEpochSecond())
                        .put("signature", end.signature())
                        .put("ended", end.ended());
            }
        }
        return page.next();
    }

    private static String pending(
            ObjectNode output, Predicate<String> visible, Testimony.Page<Testimony.Pending> page) {
        var files = output.putArray("pending");
        for (var file : page.items()) {
            if (visible.test(file.account())) {
                files.addObject()
                        .put("accountId", file.account())
                        .put("bucket", file.bucket())
                        .put("key", file.object());
            }
        }
        return page.next();
    }

    private static String unsealed(
            ObjectNode output,
            Predicate<String> visible,
            Testimony.Page<dev.cairn.digest.Unsealed> page) {
        var spans = output.putArray("unsealed");
        for (var span : page.items()) {
            if (visible.test(span.account())) {
                spans.addObject()
                        .put("accountId", span.account())
                        .put("bucket", span.bucket())
                        .put("base", span.base())
                        .put("from", span.from().getEpochSecond())
                        .put("to", span.to().getEpochSecond())
                        .put("sealedBy", span.sealedBy());
            }
        }
        return page.next();
    }
}
