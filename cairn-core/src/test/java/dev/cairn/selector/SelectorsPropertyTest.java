package dev.cairn.selector;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.event.Event;
import dev.cairn.event.EventReader;
import dev.cairn.event.Glance;
import dev.cairn.event.Parsed;
import dev.cairn.selector.AdvancedEventSelector.FieldSelector;
import dev.cairn.selector.EventSelector.DataResource;
import dev.cairn.selector.EventSelector.ReadWrite;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Holds the compiled selectors to a naive reading of the rules, which knows nothing of costs and
/// works on the record as maps and lists.
class SelectorsPropertyTest {
    private static final Instant NOW = Instant.parse("2026-11-21T01:02:03Z");

    private static final List<String> TYPES =
            List.of("AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table");
    private static final List<String> ARNS =
            List.of(
                    "arn:aws:s3:::b/",
                    "arn:aws:s3:::b/a",
                    "arn:aws:s3:::b/ab",
                    "arn:aws:lambda:us-east-1:123456789012:function:f",
                    "arn:aws:lambda:us-east-1:123456789012:function:fg",
                    "arn:aws:dynamodb:us-east-1:123456789012:table/t");
    private static final List<String> SOURCES =
            List.of("s3.amazonaws.com", "kms.amazonaws.com", "ec2.amazonaws.com");
    private static final List<String> NAMES = List.of("GetObject", "PutObject", "GetItem");
    private static final List<String> PRINCIPALS =
            List.of("arn:aws:iam::123456789012:user/a", "arn:aws:iam::123456789012:user/ab");

    @Property
    void basic_selectors_take_what_the_rules_say(
            @ForAll("basic") List<EventSelector> selectors, @ForAll("records") Rec record) {
        assertThat(Selectors.basic(selectors).takes(record.event()))
                .as("%s of %s", selectors, record)
                .isEqualTo(selectors.stream().anyMatch(selector -> naiveBasic(selector, record)));
    }

    @Property
    void advanced_selectors_take_what_the_rules_say(
            @ForAll("advanced") List<AdvancedEventSelector> selectors,
            @ForAll("records") Rec record) {
        assertThat(Selectors.advanced(selectors).takes(record.event()))
                .as("%s of %s", selectors, record)
                .isEqualTo(
                        selectors.stream().anyMatch(selector -> naiveAdvanced(selector, record)));
    }

    @Property(tries = 200)
    void what_is_written_is_read_as_the_same_selectors(
            @ForAll("basic") List<EventSelector> basic,
            @ForAll("advanced") List<AdvancedEventSelector> advanced) {
        for (Selectors selectors : List.of(Selectors.basic(basic), Selectors.advanced(advanced))) {
            assertThat(Selectors.read(selectors.json())).isEqualTo(selectors);
        }
    }

    @Property
    void a_glance_never_contradicts_the_reading_of_the_record(
            @ForAll("basic") List<EventSelector> basic,
            @ForAll("advanced") List<AdvancedEventSelector> advanced,
            @ForAll("records") Rec record) {
        for (Selectors selectors : List.of(Selectors.basic(basic), Selectors.advanced(advanced))) {
            Event event = record.event();
            assertThat(selectors.judge(event.json(), Glance.of(event.json())))
                    .as("%s of %s", selectors, record)
                    .isIn(Verdict.UNSURE, selectors.takes(event) ? Verdict.TAKEN : Verdict.REFUSED);
        }
    }

    @Property
    void a_glance_is_sure_of_management_events_in_plain_records(
            @ForAll("basic") List<EventSelector> basic, @ForAll("records") Rec record) {
        if (record.form().plain && record.field("eventCategory").equals("Management")) {
            Event event = record.event();
            assertThat(Selectors.basic(basic).judge(event.json(), Glance.of(event.json())))
                    .as("%s of %s", basic, record)
                    .isNotEqualTo(Verdict.UNSURE);
        }
    }

    @Property
    void a_glance_refuses_whatever_is_plain_and_of_another_type(
            @ForAll("records") Rec record, @ForAll("types") String type) {
        Selectors selectors =
                Selectors.advanced(
                        List.of(
                                selector(
                                        "Data",
                                        List.of(FieldSelector.equal("resources.type", type)))));
        Event event = record.event();
        if (record.form().plain && !selectors.takes(event)) {
            assertThat(selectors.judge(event.json(), Glance.of(event.json())))
                    .as("%s of %s", type, record)
                    .isEqualTo(Verdict.REFUSED);
        }
    }

    // The rules, read naively: API Reference, EventSelector, DataResource, AdvancedEventSelector.

    private static boolean naiveBasic(EventSelector selector, Rec record) {
        boolean readOnly = record.field("readOnly").equals("true");
        if ((selector.readWrite() == ReadWrite.READ_ONLY && !readOnly)
                || (selector.readWrite() == ReadWrite.WRITE_ONLY && readOnly)) {
            return false;
        }
        return switch (record.field("eventCategory")) {
            case "Management" ->
                    selector.managementEvents()
                            && !selector.excludedSources().contains(record.field("eventSource"));
            case "Data" ->
                    selector.dataResources().stream()
                            .anyMatch(wanted ->
                                    record.resources().stream()
                                            .anyMatch(has -> naiveResource(wanted, has)));
            default -> false;
        };
    }

    private static boolean naiveResource(DataResource wanted, List<String> has) {
        return has.getFirst().equals(wanted.type())
                && wanted.values().stream()
                        .anyMatch(value ->
                                switch (wanted.type()) {
                                    case "AWS::S3::Object" ->
                                            value.equals("arn:aws:s3")
                                                    || has.getLast().startsWith(value);
                                    default ->
                                            value.equals("arn:aws:lambda")
                                                    || value.equals("arn:aws:dynamodb")
                                                    || has.getLast().equals(value);
                                });
    }

    private static boolean naiveAdvanced(AdvancedEventSelector selector, Rec record) {
        Predicate<FieldSelector> onResource = field -> field.field().startsWith("resources.");
        boolean others =
                selector.fields().stream()
                        .filter(onResource.negate())
                        .allMatch(field -> naiveField(field, record.field(field.field())));
        List<FieldSelector> resource = selector.fields().stream().filter(onResource).toList();
        return others
                && (resource.isEmpty()
                        || record.resources().stream()
                                .anyMatch(has ->
                                        resource.stream()
                                                .allMatch(field ->
                                                        naiveField(
                                                                field,
                                                                field.field()
                                                                                .equals(
                                                                                        "resources.type")
                                                                        ? has.getFirst()
                                                                        : has.getLast()))));
    }

    private static boolean naiveField(FieldSelector field, String value) {
        boolean anyPositive =
                field.equalTo().stream().anyMatch(value::equals)
                        || field.startsWith().stream().anyMatch(value::startsWith)
                        || field.endsWith().stream().anyMatch(value::endsWith);
        boolean noPositive =
                field.equalTo().isEmpty()
                        && field.startsWith().isEmpty()
                        && field.endsWith().isEmpty();
        boolean anyNegative =
                field.notEqualTo().stream().anyMatch(value::equals)
                        || field.notStartsWith().stream().anyMatch(value::startsWith)
                        || field.notEndsWith().stream().anyMatch(value::endsWith);
        return (anyPositive || noPositive) && !anyNegative;
    }

    // What is tried.

    /// Names every type, in a member that is not the record's own list.
    private static final String DECOY =
            TYPES.stream()
                    .map("{\"type\":\"%s\"}"::formatted)
                    .collect(Collectors.joining(",", "{\"resources\":[", "]}"));

    /// How a record's resources are written.
    enum Form {
        PLAIN(true, "resources", "::"),
        SPACED(true, "resources", "::"),
        /// Before all else, with a list of the same name in another member.
        FIRST(true, "resources", "::"),
        TYPES_ESCAPED(false, "resources", "\\u003a:"),
        KEY_ESCAPED(false, "re\\u0073ources", "::");

        private final boolean plain;
        private final String key;
        private final String colons;

        Form(boolean plain, String key, String colons) {
            this.plain = plain;
            this.key = key;
            this.colons = colons;
        }

        private String written(List<List<String>> resources) {
            String list =
                    resources.stream()
                            .map(resource ->
                                    "{\"type\":\"%s\",\"%s\":\"%s\"}"
                                            .formatted(
                                                    resource.getFirst().replace("::", colons),
                                                    resource.getLast().endsWith("/")
                                                            ? "ARNPrefix"
                                                            : "ARN",
                                                    resource.getLast()))
                            .collect(Collectors.joining(",", "\"" + key + "\":[", "]"));
            return this == SPACED
                    ? list.replace("\"resources\":[", "\n \"resources\" :\t[ ")
                            .replace("\",\"", "\" ,\r\n\"")
                    : list;
        }
    }

    /// A record as it is written: its texts, and its resources as type and ARN.
    record Rec(Map<String, String> fields, List<List<String>> resources, Form form) {
        String field(String name) {
            return fields.getOrDefault(name, "");
        }

        Event event() {
            StringBuilder json = new StringBuilder("{");
            if (form == Form.FIRST) {
                json.append(form.written(resources)).append(',');
            }
            json.append("\"eventVersion\":\"1.11\"");
            json.append(",\"eventTime\":\"2026-11-21T01:02:03Z\",\"awsRegion\":\"us-east-1\"");
            json.append(",\"eventID\":\"00000000-0000-4000-8000-000000000001\"");
            json.append(",\"recipientAccountId\":\"123456789012\",\"requestParameters\":");
            json.append(form == Form.FIRST ? DECOY : "null");
            fields.forEach((name, value) -> {
                if (name.equals("userIdentity.arn")) {
                    json.append(",\"userIdentity\":{\"arn\":\"").append(value).append("\"}");
                } else if (name.equals("readOnly")) {
                    json.append(",\"readOnly\":").append(value);
                } else if (!value.isEmpty()) {
                    json.append(",\"%s\":\"%s\"".formatted(name, value));
                }
            });
            if (form != Form.FIRST) {
                json.append(',').append(form.written(resources));
            }
            json.append('}');
            if (EventReader.strict(EventReader.EVENT_BYTES_DEFAULT)
                            .read(json.toString().getBytes(UTF_8), NOW)
                    instanceof Parsed.Read(Event event)) {
                return event;
            }
            throw new AssertionError("expected an event: " + json);
        }
    }

    @Provide
    Arbitrary<Rec> records() {
        Arbitrary<List<List<String>>> resources =
                Combinators.combine(Arbitraries.of(TYPES), Arbitraries.of(ARNS))
                        .as((type, arn) -> List.of(type, arn))
                        .list()
                        .ofMaxSize(2);
        return Combinators.combine(
                        Arbitraries.of("Management", "Data", "Data", "NetworkActivity", "Insight"),
                        Arbitraries.of("true", "false"),
                        Arbitraries.of(SOURCES),
                        Arbitraries.of(NAMES),
                        Arbitraries.of(PRINCIPALS),
                        Arbitraries.of("", "true"),
                        Arbitraries.of("", "VpceAccessDenied", "AccessDenied"),
                        Combinators.combine(resources, Arbitraries.of(Form.values()))
                                .as(Touches::new))
                .as((category, readOnly, source, name, principal, console, error, touches) -> {
                    Map<String, String> fields = new LinkedHashMap<>();
                    fields.put("eventCategory", category);
                    fields.put("readOnly", readOnly);
                    fields.put("eventSource", source);
                    fields.put("eventName", name);
                    fields.put("eventType", "AwsApiCall");
                    fields.put("userIdentity.arn", principal);
                    fields.put("sessionCredentialFromConsole", console);
                    fields.put("errorCode", error);
                    fields.put("vpcEndpointId", error.isEmpty() ? "" : "vpce-1");
                    return new Rec(fields, touches.resources(), touches.form());
                });
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of(TYPES);
    }

    private record Touches(List<List<String>> resources, Form form) {}

    @Provide
    Arbitrary<List<EventSelector>> basic() {
        Arbitrary<DataResource> resource =
                Arbitraries.of(
                        new DataResource("AWS::S3::Object", List.of("arn:aws:s3")),
                        new DataResource(
                                "AWS::S3::Object", List.of("arn:aws:s3:::b/a", ARNS.get(2))),
                        new DataResource("AWS::S3::Object", List.of("arn:aws:s3:::c/")),
                        new DataResource("AWS::S3::Object", List.of()),
                        new DataResource("AWS::Lambda::Function", List.of("arn:aws:lambda")),
                        new DataResource("AWS::Lambda::Function", List.of(ARNS.get(3))),
                        new DataResource("AWS::DynamoDB::Table", List.of(ARNS.get(5))),
                        new DataResource("AWS::DynamoDB::Table", List.of("arn:aws:dynamodb")));
        return Combinators.combine(
                        Arbitraries.of(ReadWrite.values()),
                        Arbitraries.of(true, false),
                        resource.list().ofMaxSize(3),
                        Arbitraries.of("kms.amazonaws.com", "rdsdata.amazonaws.com")
                                .list()
                                .ofMaxSize(2))
                .as((readWrite, management, resources, excluded) ->
                        new EventSelector(
                                readWrite,
                                management,
                                resources,
                                management ? excluded : List.of()))
                .list()
                .ofMinSize(1)
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<List<AdvancedEventSelector>> advanced() {
        Arbitrary<AdvancedEventSelector> management =
                Combinators.combine(
                                equal("readOnly", List.of("true", "false")).optional(),
                                Arbitraries.of("kms.amazonaws.com", "rdsdata.amazonaws.com")
                                        .list()
                                        .ofMinSize(1)
                                        .ofMaxSize(2)
                                        .optional())
                        .as((readOnly, not) -> {
                            List<FieldSelector> fields = new ArrayList<>();
                            readOnly.ifPresent(fields::add);
                            not.ifPresent(values ->
                                    fields.add(
                                            new FieldSelector(
                                                    "eventSource",
                                                    List.of(),
                                                    List.of(),
                                                    List.of(),
                                                    values,
                                                    List.of(),
                                                    List.of())));
                            return selector("Management", fields);
                        });
        Arbitrary<AdvancedEventSelector> data =
                Combinators.combine(
                                equal("resources.type", TYPES),
                                equal("readOnly", List.of("true", "false")).optional(),
                                any("resources.ARN", ARNS).optional(),
                                any("eventName", NAMES).optional(),
                                any("eventSource", SOURCES).optional(),
                                any("userIdentity.arn", PRINCIPALS).optional(),
                                equal("sessionCredentialFromConsole", List.of("true"))
                                        .optional(0.2))
                        .as((type, readOnly, arn, name, source, principal, console) -> {
                            List<FieldSelector> fields = new ArrayList<>(List.of(type));
                            List.of(readOnly, arn, name, source, principal, console)
                                    .forEach(field -> field.ifPresent(fields::add));
                            return selector("Data", fields);
                        });
        Arbitrary<AdvancedEventSelector> network =
                Combinators.combine(
                                equal("eventSource", SOURCES),
                                any("eventName", NAMES).optional(),
                                equal("errorCode", List.of("VpceAccessDenied")).optional(),
                                any("vpcEndpointId", List.of("vpce-1", "vpce-2")).optional())
                        .as((source, name, error, endpoint) -> {
                            List<FieldSelector> fields = new ArrayList<>(List.of(source));
                            List.of(name, error, endpoint)
                                    .forEach(field -> field.ifPresent(fields::add));
                            return selector("NetworkActivity", fields);
                        });
        return Arbitraries.oneOf(management, data, network).list().ofMinSize(1).ofMaxSize(3);
    }

    private static AdvancedEventSelector selector(String category, List<FieldSelector> fields) {
        List<FieldSelector> all = new ArrayList<>(fields);
        all.add(FieldSelector.equal("eventCategory", category));
        return new AdvancedEventSelector("name", all);
    }

    private static Arbitrary<FieldSelector> equal(String field, List<String> values) {
        return Arbitraries.of(values).map(value -> FieldSelector.equal(field, value));
    }

    /// Any operators, with values and pieces of values that some records have.
    private static Arbitrary<FieldSelector> any(String field, List<String> values) {
        List<String> heads = values.stream().map(v -> v.substring(0, v.length() - 1)).toList();
        List<String> tails = values.stream().map(v -> v.substring(1)).toList();
        return Combinators.combine(
                        some(values),
                        some(heads),
                        some(tails),
                        some(values),
                        some(heads),
                        some(tails))
                .as((eq, starts, ends, ne, notStarts, notEnds) ->
                        new FieldSelector(field, eq, starts, ends, ne, notStarts, notEnds))
                .filter(selector -> selector.values() > 0);
    }

    private static Arbitrary<List<String>> some(List<String> values) {
        return Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(3, Arbitraries.just(List.<String>of())),
                net.jqwik.api.Tuple.of(1, Arbitraries.of(values).list().ofMinSize(1).ofMaxSize(2)));
    }
}
