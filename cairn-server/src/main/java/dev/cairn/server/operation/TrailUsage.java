package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.catalog.Catalog;
import dev.cairn.catalog.CatalogException;
import dev.cairn.delivery.Usage;
import dev.cairn.event.Category;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;

/// GetUsage: what the trails of an account delivered, by trail, day and kind of event.
final class TrailUsage implements Operation.Read {
    private static final int PAGE = 100;

    private final Catalog catalog;

    TrailUsage(Catalog catalog) {
        this.catalog = catalog;
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException {
        var page =
                Usage.of(
                        catalog,
                        call.caller().account(),
                        day(call, "from", LocalDate.of(1, 1, 1)),
                        day(call, "to", LocalDate.of(9999, 12, 31)),
                        NameToken.after(call, "nextToken"),
                        call.number("limit", PAGE));
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("usage");
        for (var usage : page.days()) {
            var item =
                    list.addObject()
                            .put("trailArn", usage.arn())
                            .put("day", usage.day().toString())
                            .put("files", usage.files())
                            .put("packedBytes", usage.packedBytes());
            var kinds = item.putArray("kinds");
            usage.counts()
                    .kinds()
                    .forEach((category, count) ->
                            kinds.addObject()
                                    .put("kind", word(category))
                                    .put("events", count.events())
                                    .put("bytes", count.bytes()));
        }
        if (!page.after().isEmpty()) {
            output.put("nextToken", NameToken.of(page.after()));
        }
        return output;
    }

    /// As `eventCategory` has it, in the case of this API.
    private static String word(Category category) {
        if (category == Category.OTHER) {
            return "other";
        }
        var name = category.wireName();
        return name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1);
    }

    private static LocalDate day(Invocation call, String member, LocalDate fallback) {
        var text = call.text(member, "");
        try {
            return text.isEmpty()
                    ? fallback
                    : LocalDate.parse(text.substring(0, Math.min(10, text.length())));
        } catch (DateTimeException _) {
            throw new Failure(
                    ErrorCode.VALIDATION,
                    "%s: expected a day such as 2026-11-21, or a time of it, got %s"
                            .formatted(member, text));
        }
    }
}
