package dev.cairn.server.operation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.bus.BusEvent;
import dev.cairn.bus.BusName;
import dev.cairn.catalog.Catalog.Transaction;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// EventBridge's PutEvents. When it answers, who is to be told of each event is written down.
///
/// Source: Amazon EventBridge API Reference.
final class PutEvents implements Operation.Message {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /// EventBridge's bound on all entries together.
    private static final long REQUEST_BYTES_MAX = 1 << 20;

    /// What an entry's time counts for.
    private static final int TIME_BYTES = 14;

    private static final int TYPE_CHARS_MAX = 128;
    private static final int SOURCE_CHARS_MAX = 256;

    private final Operations.BusParts parts;

    PutEvents(Operations.BusParts parts) {
        this.parts = parts;
    }

    @Override
    public ObjectNode run(Invocation call) throws CatalogException {
        var asked = call.input().path("Entries");
        var all = 0L;
        for (var one : asked) {
            all += bytes(one);
        }
        if (all > REQUEST_BYTES_MAX) {
            throw BusService.invalid("Total size of the entries in the request is over the limit.");
        }
        return parts.catalog().write(tx -> put(call, asked, tx));
    }

    private ObjectNode put(Invocation call, JsonNode asked, Transaction tx)
            throws CatalogException {
        var output = JsonNodeFactory.instance.objectNode();
        var items = output.putArray("Entries");
        var failed = 0;
        for (var one : asked) {
            var item = items.addObject();
            try {
                item.put("EventId", put(call, tx, one));
            } catch (EntryException unfit) {
                failed++;
                item.put("ErrorCode", unfit.code).put("ErrorMessage", unfit.getMessage());
            }
        }
        return output.put("FailedEntryCount", failed);
    }

    private String put(Invocation call, Transaction tx, JsonNode entry)
            throws CatalogException, EntryException {
        var bus = bus(call, tx, entry);
        var id = parts.secrets().uuid();
        var event =
                BusEvent.of(
                        new BusEvent.Head(
                                id,
                                required(entry, "DetailType", TYPE_CHARS_MAX),
                                source(entry),
                                bus.place(),
                                time(call, entry),
                                resources(entry)),
                        detail(entry));
        if (event.json().getBytes(StandardCharsets.UTF_8).length > BusEvent.BYTES_MAX) {
            throw new EntryException(
                    "InvalidArgument",
                    "The entry is larger than %d bytes.".formatted(BusEvent.BYTES_MAX));
        }
        var wanted = parts.book().page(tx, parts.buses(), bus).wanted(event);
        parts.dispatches().put(tx, bus, wanted, event, call.now());
        return id;
    }

    private BusName bus(Invocation call, Transaction tx, JsonNode entry)
            throws CatalogException, EntryException {
        try {
            var bus =
                    BusCall.bus(
                            BusCall.place(call),
                            entry.path("EventBusName").asText(BusName.DEFAULT));
            parts.buses().expect(tx, bus);
            return bus;
        } catch (Failure missing) {
            throw new EntryException(missing.code().awsName(), missing.message());
        }
    }

    private static String required(JsonNode entry, String member, int charsMax)
            throws EntryException {
        var text = entry.path(member).asText("");
        if (text.isEmpty()) {
            throw new EntryException(
                    "InvalidArgument",
                    "Parameter %s is not valid. Reason: %s is a required argument."
                            .formatted(member, member));
        }
        if (text.length() > charsMax) {
            throw new EntryException(
                    "InvalidArgument",
                    "Parameter %s is not valid. Reason: expected at most %d characters, got %d."
                            .formatted(member, charsMax, text.length()));
        }
        return text;
    }

    private static String source(JsonNode entry) throws EntryException {
        var source = required(entry, "Source", SOURCE_CHARS_MAX);
        if (source.startsWith("aws.")) {
            throw new EntryException(
                    "NotAuthorizedForSourceException", "Not authorized for the source.");
        }
        return source;
    }

    /// As it was written: its numbers are not ours to round.
    private static String detail(JsonNode entry) throws EntryException {
        var detail = required(entry, "Detail", Integer.MAX_VALUE);
        try {
            if (JSON.readTree(detail).isObject()) {
                return detail;
            }
        } catch (JsonProcessingException _) {
            // Told below.
        }
        throw new EntryException("MalformedDetail", "Detail is malformed.");
    }

    private static Instant time(Invocation call, JsonNode entry) {
        return entry.has("Time")
                ? Instant.ofEpochSecond(entry.path("Time").decimalValue().longValue())
                : call.now();
    }

    private static List<String> resources(JsonNode entry) {
        var resources = new ArrayList<String>();
        entry.path("Resources").forEach(one -> resources.add(one.asText()));
        return resources;
    }

    private static long bytes(JsonNode entry) {
        long bytes = entry.has("Time") ? TIME_BYTES : 0;
        for (var member : new String[] {"Source", "DetailType", "Detail"}) {
            bytes += bytes(entry.path(member).asText(""));
        }
        for (var resource : entry.path("Resources")) {
            bytes += bytes(resource.asText());
        }
        return bytes;
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /// One entry is not taken; the others may be.
    private static final class EntryException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;

        EntryException(String code, String message) {
            super(message);
            this.code = code;
        }
    }
}
