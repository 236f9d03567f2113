package dev.cairn.server.operation;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.access.Action;
import dev.cairn.access.Policy;
import dev.cairn.access.PolicyException;
import dev.cairn.access.Target;
import dev.cairn.archive.Bucket;
import dev.cairn.archive.BucketRegister;
import dev.cairn.catalog.CatalogException;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import dev.cairn.server.operation.StoreImports.Import;
import dev.cairn.server.operation.StoreImports.Source;
import dev.cairn.store.EventDataStores;
import dev.cairn.store.StoreState;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// CloudTrail's operations on imports: Start-, Stop-, Get- and ListImports, ListImportFailures.
///
/// Source: AWS CloudTrail API Reference.
final class ImportOperations {
    private static final int PAGE_MAX = 1000;

    /// `s3://bucket[/prefix]`, or the address of a bucket as a browser shows it.
    private static final Pattern URI =
            Pattern.compile(
                    "(?:s3://|https?://s3[.-][a-z0-9.-]+/)([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?");

    private static final Pattern ID = Pattern.compile("[0-9a-f-]{36}");

    private final EventDataStores stores;
    private final StoreImports imports;
    private final BucketRegister buckets;
    private final Optional<String> elsewhere;

    ImportOperations(EventDataStores stores, Operations.ImportParts parts) {
        this.stores = stores;
        this.imports = parts.imports();
        this.buckets = parts.buckets();
        this.elsewhere = parts.elsewhere();
    }

    /// Who starts an import must be allowed to read the objects.
    BuiltOperation start() {
        return BuiltOperation.needing(
                Action.operate("cloudtrail", "StartImport"),
                (Operation.Message) this::start,
                this::rights);
    }

    private List<Right> rights(Invocation call) throws CatalogException {
        var rights = new ArrayList<Right>();
        rights.add(
                new Right(
                        Action.operate("cloudtrail", "StartImport"),
                        Target.account(call.caller().account()),
                        Policy.NONE,
                        Map.of()));
        if (elsewhere.isEmpty()) {
            addReading(rights, call);
        }
        return rights;
    }

    /// An import that is gone on with is one that reads: who has lost the right since must not.
    private void addReading(List<Right> rights, Invocation call) throws CatalogException {
        var uri = URI.matcher(call.input().at("/ImportSource/S3/S3LocationUri").asText());
        if (uri.matches()) {
            addReading(rights, uri.group(1), Objects.requireNonNullElse(uri.group(2), ""));
        }
        var id = call.text("ImportId", "");
        if (ID.matcher(id).matches()) {
            var known = imports.find(call.caller().account(), call.region(), id);
            if (known.isPresent()) {
                addReading(rights, known.get().source().bucket(), known.get().source().prefix());
            }
        }
    }

    private void addReading(List<Right> rights, String name, String prefix)
            throws CatalogException {
        var bucket = buckets.find(name);
        if (bucket.isPresent()) {
            rights.add(reading(bucket.get(), prefix));
        }
    }

    /// To read all that the prefix has, whatever is put there: a denial of some of it is one of the
    /// whole.
    private static Right reading(Bucket bucket, String prefix) throws CatalogException {
        try {
            var policy = bucket.policy();
            return new Right(
                    Action.read("s3", "GetObject"),
                    new Target(bucket.owner(), bucket.arn(prefix + "*")),
                    policy == null ? Policy.NONE : Policy.of(policy).onAll(bucket.arn(prefix)),
                    Map.of());
        } catch (PolicyException damaged) {
            throw new CatalogException(
                    CatalogException.Kind.CORRUPT,
                    "expected a policy of the bucket " + bucket.name(),
                    damaged);
        }
    }

    private ObjectNode start(Invocation call) throws CatalogException {
        var id = call.text("ImportId", "");
        if (id.isEmpty()) {
            return described(imports.start(store(call), source(call), call.now()), false);
        }
        if (call.input().size() > 1) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected ImportId alone, to go on with an import, got other members as well.");
        }
        var known = expect(call);
        active(new NamedStores(stores).expect(call, known.store()));
        return described(imports.retry(known, call.now()), false);
    }

    private dev.cairn.store.EventDataStore store(Invocation call) throws CatalogException {
        var destinations = call.input().path("Destinations");
        if (destinations.size() != 1) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER,
                    "Expected one of Destinations and an ImportSource, or an ImportId.");
        }
        var state = new NamedStores(stores).expect(call, destinations.path(0).asText());
        if (state.store().takesActivity()) {
            throw new Failure(
                    ErrorCode.INVALID_EVENT_DATA_STORE_CATEGORY,
                    "Expected an event data store of CloudTrail events, got %s, which channels feed."
                            .formatted(state.store().arn()));
        }
        return active(state).store();
    }

    private static StoreState active(StoreState state) {
        if (state.status() == StoreState.Status.PENDING_DELETION) {
            throw EventDataStores.inactive(state.store());
        }
        return state;
    }

    private Source source(Invocation call) throws CatalogException {
        var s3 = call.input().at("/ImportSource/S3");
        var text = s3.path("S3LocationUri").asText();
        var uri = URI.matcher(text);
        if (!uri.matches()) {
            throw invalid("Expected an S3LocationUri such as s3://bucket/prefix, got " + text);
        }
        var bucket = uri.group(1);
        if (elsewhere.isEmpty() && buckets.find(bucket).isEmpty()) {
            throw invalid("There is no bucket " + bucket);
        }
        if (elsewhere.isPresent() && !elsewhere.get().equals(call.caller().account())) {
            throw invalid(
                    "The buckets are not Cairn's own here, and read by callers of the account %s only"
                            .formatted(elsewhere.get()));
        }
        var start = time(call, "StartEventTime");
        var end = time(call, "EndEventTime");
        if (start != null && end != null && start.isAfter(end)) {
            throw new Failure(
                    ErrorCode.INVALID_PARAMETER, "The StartEventTime is after the EndEventTime.");
        }
        return new Source(
                text,
                bucket,
                Objects.requireNonNullElse(uri.group(2), ""),
                s3.path("S3BucketRegion").asText(),
                s3.path("S3BucketAccessRoleArn").asText(),
                start,
                end);
    }

    private static Failure invalid(String message) {
        return new Failure(ErrorCode.INVALID_IMPORT_SOURCE, message + ".");
    }

    ObjectNode stop(Invocation call) throws CatalogException {
        return described(imports.stop(expect(call), call.now()), true);
    }

    ObjectNode get(Invocation call) throws CatalogException {
        return described(expect(call), true);
    }

    private Import expect(Invocation call) throws CatalogException {
        var id = call.text("ImportId", "");
        return imports.find(call.caller().account(), call.region(), id)
                .orElseThrow(() ->
                        new Failure(
                                ErrorCode.IMPORT_NOT_FOUND,
                                "There is no import %s in %s.".formatted(id, call.region())));
    }

    ObjectNode list(Invocation call) throws CatalogException {
        var after = NameToken.after(call, "NextToken");
        var page = call.number("MaxResults", PAGE_MAX);
        var status = call.text("ImportStatus", "");
        var destination =
                call.input().hasNonNull("Destination")
                        ? new NamedStores(stores)
                                .expect(call, call.text("Destination", ""))
                                .store()
                                .arn()
                        : "";
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Imports");
        var last = "";
        for (var one : imports.of(call.caller().account(), call.region())) {
            if (one.id().compareTo(after) <= 0
                    || (!status.isEmpty() && !one.status().name().equals(status))
                    || (!destination.isEmpty() && !one.store().equals(destination))) {
                continue;
            }
            if (list.size() == page) {
                return output.put("NextToken", NameToken.of(last));
            }
            list.addObject()
                    .put("ImportId", one.id())
                    .put("ImportStatus", one.status().name())
                    .put("CreatedTimestamp", seconds(one.created()))
                    .put("UpdatedTimestamp", seconds(one.updated()))
                    .putArray("Destinations")
                    .add(one.store());
            last = one.id();
        }
        return output;
    }

    ObjectNode failures(Invocation call) throws CatalogException {
        var known = expect(call);
        var page = call.number("MaxResults", PAGE_MAX);
        var output = JsonNodeFactory.instance.objectNode();
        var list = output.putArray("Failures");
        var found = imports.failures(known, NameToken.after(call, "NextToken"), page);
        for (var failure : found.failures()) {
            list.addObject()
                    .put("Location", failure.location())
                    .put("Status", failure.status())
                    .put("ErrorType", failure.type())
                    .put("ErrorMessage", failure.message())
                    .put("LastUpdatedTime", seconds(failure.updated()));
        }
        return found.next().isEmpty()
                ? output
                : output.put("NextToken", NameToken.of(found.next()));
    }

    private static ObjectNode described(Import one, boolean statistics) {
        var output = JsonNodeFactory.instance.objectNode().put("ImportId", one.id());
        output.putArray("Destinations").add(one.store());
        output.putObject("ImportSource")
                .putObject("S3")
                .put("S3LocationUri", one.source().uri())
                .put("S3BucketRegion", one.source().region())
                .put("S3BucketAccessRoleArn", one.source().role());
        put(output, "StartEventTime", one.source().start());
        put(output, "EndEventTime", one.source().end());
        output.put("ImportStatus", one.status().name())
                .put("CreatedTimestamp", seconds(one.created()))
                .put("UpdatedTimestamp", seconds(one.updated()));
        if (statistics) {
            var progress = one.progress();
            var over =
                    one.status() == StoreImports.Status.COMPLETED
                            || one.status() == StoreImports.Status.FAILED;
            output.putObject("ImportStatistics")
                    .put("PrefixesFound", progress.prefixes())
                    .put(
                            "PrefixesCompleted",
                            over ? progress.prefixes() : Math.max(0, progress.prefixes() - 1))
                    .put("FilesCompleted", progress.files())
                    .put("EventsCompleted", progress.events())
                    .put("FailedEntries", progress.failed());
        }
        return output;
    }

    private static void put(ObjectNode output, String member, @Nullable Instant time) {
        if (time != null) {
            output.put(member, seconds(time));
        }
    }

    private static @Nullable Instant time(Invocation call, String member) {
        return call.input().hasNonNull(member)
                ? Instant.ofEpochMilli(
                        call.input().path(member).decimalValue().movePointRight(3).longValue())
                : null;
    }

    private static BigDecimal seconds(Instant time) {
        return BigDecimal.valueOf(time.toEpochMilli(), 3);
    }
}
