package dev.cairn.lake.column;

import static dev.cairn.lake.column.ColumnType.Plain.BOOLEAN;
import static dev.cairn.lake.column.ColumnType.Plain.TEXT;
import static dev.cairn.lake.column.ColumnType.Plain.TIMESTAMP;

import dev.cairn.lake.column.ColumnType.ArrayOf;
import dev.cairn.lake.column.ColumnType.MapOf;
import dev.cairn.lake.column.ColumnType.Plain;
import dev.cairn.lake.column.ColumnType.Row;
import dev.cairn.lake.column.ColumnType.Unknown;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The columns that CloudTrail Lake documents for CloudTrail events (user guide,
/// query-supported-event-schemas), and the SQL that reads them out of a record's JSON.
///
/// A column says what the record says: what is missing, null or of another shape is NULL, nothing
/// is derived. A text takes anything, as JSON. Times may be written as import takes them. Values of
/// the maps are text: strings as they are, everything else as its JSON.
public final class EventColumns {
    /// The whole record, as it was written.
    public static final String JSON = "eventjson";

    /// SHA-256 of [#JSON], lower-case hex.
    public static final String CHECKSUM = "eventjsonchecksum";

    /// Where the event was read; hidden from `SELECT *`, as Athena's column of that name.
    public static final String PATH = "$path";

    static final ColumnType TEXTS = new MapOf(TEXT, TEXT);

    private static final Row ISSUER =
            row(
                    text("type"),
                    text("principalId"),
                    text("arn"),
                    text("accountId"),
                    text("userName"));

    private static final Row SESSION =
            row(
                    column(
                            "attributes",
                            row(column("creationDate", TIMESTAMP), text("mfaAuthenticated"))),
                    column("sessionIssuer", ISSUER),
                    column(
                            "webIdFederationData",
                            row(text("federatedProvider"), column("attributes", TEXTS))),
                    text("sourceIdentity"),
                    text("ec2RoleDelivery"),
                    text("ec2IssuedInVpc"));

    private static final Row IDENTITY =
            row(
                    text("type"),
                    text("principalId"),
                    text("arn"),
                    text("accountId"),
                    text("accessKeyId"),
                    text("userName"),
                    column("sessionContext", SESSION),
                    column("onBehalfOf", row(text("userId"), text("identityStoreArn"))),
                    column(
                            "inScopeOf",
                            row(
                                    text("sourceArn"),
                                    text("sourceAccount"),
                                    text("issuerType"),
                                    text("credentialsIssuedTo"))),
                    text("invokedBy"),
                    text("identityProvider"));

    private static final Row RESOURCE =
            row(text("accountId"), text("type"), text("ARN"), text("ARNPrefix"));

    private static final Row TLS =
            row(text("tlsVersion"), text("cipherSuite"), text("clientProvidedHostHeader"));

    /// What a record's members become.
    private static final List<Column> READ =
            List.of(
                    text("eventVersion"),
                    column("userIdentity", IDENTITY),
                    column("eventTime", TIMESTAMP),
                    text("eventSource"),
                    text("eventName"),
                    text("awsRegion"),
                    text("sourceIPAddress"),
                    text("userAgent"),
                    text("errorCode"),
                    text("errorMessage"),
                    column("requestParameters", TEXTS),
                    column("responseElements", TEXTS),
                    column("additionalEventData", TEXTS),
                    text("requestID"),
                    text("eventID"),
                    column("readOnly", BOOLEAN),
                    column("resources", new ArrayOf(RESOURCE)),
                    text("eventType"),
                    text("apiVersion"),
                    column("managementEvent", BOOLEAN),
                    text("recipientAccountId"),
                    text("sharedEventID"),
                    text("annotation"),
                    text("vpcEndpointId"),
                    text("vpcEndpointAccountId"),
                    column("serviceEventDetails", TEXTS),
                    column("addendum", TEXTS),
                    column("edgeDeviceDetails", TEXTS),
                    column("insightDetails", TEXTS),
                    text("eventCategory"),
                    column("tlsDetails", TLS),
                    text("sessionCredentialFromConsole"));

    private EventColumns() {}

    /// All columns that a query sees, in their documented order, [#PATH] last.
    public static List<Column> all() {
        var all = new java.util.ArrayList<>(READ);
        all.add(new Column(JSON, "", TEXT));
        all.add(new Column(CHECKSUM, "", TEXT));
        all.add(new Column(PATH, "", TEXT));
        return List.copyOf(all);
    }

    /// The columns that are stored; [#CHECKSUM] is worked out when it is asked for.
    public static List<Column> stored() {
        return all().stream().filter(column -> !column.name().equals(CHECKSUM)).toList();
    }

    /// What a record's members become.
    static List<Column> read() {
        return READ;
    }

    static Column column(String key, ColumnType type) {
        return new Column(key.toLowerCase(Locale.ROOT), key, type);
    }

    static Column text(String key) {
        return column(key, TEXT);
    }

    static Row row(Column... members) {
        return new Row(List.of(members));
    }

    // ---- reading a record ---------------------------------------------------------------------

    /// Statements that have to be run once before [#select].
    public static String macros() {
        // A time as import takes it: ISO 8601 with or without offset (none is UTC), extended or
        // basic, or a number of seconds or milliseconds.
        return """
        CREATE OR REPLACE MACRO cairn_time(t) AS CASE
            WHEN t IS NULL THEN NULL
            WHEN regexp_full_match(t, '[0-9]{9,11}([.][0-9]+)?')
                THEN make_timestamp(CAST(CAST(t AS DOUBLE) * 1000000 AS BIGINT))
            WHEN regexp_full_match(t, '[0-9]{12,14}') THEN make_timestamp(CAST(t AS BIGINT) * 1000)
            ELSE coalesce(try_cast(t AS TIMESTAMP), try_strptime(t, '%Y%m%dT%H%M%SZ')) END\
        """;
    }

    /// A query for the stored columns.
    ///
    /// @param table with a column `raw` of sound JSON, an object in each row, and a column `path`
    public static String select(String table) {
        return select(READ, table);
    }

    static String select(List<Column> read, String table) {
        var columns =
                read.stream()
                        .map(column ->
                                value(column.type(), member("e", column)) + " AS " + column.name())
                        .collect(Collectors.joining(", "));
        return "SELECT %s, raw AS %s, path AS \"%s\" FROM (SELECT raw, path, from_json(raw, '%s') AS e FROM %s)"
                .formatted(columns, JSON, PATH, shape(new Row(read)), table);
    }

    private static String member(String row, Column column) {
        return "struct_extract(" + row + ", '" + column.key() + "')";
    }

    /// From what [#shape] gives to what the column has.
    private static String value(ColumnType type, String read) {
        return switch (type) {
            case Plain plain -> plain == TIMESTAMP ? "cairn_time(" + read + ")" : read;
            case Row row ->
                    row.members().stream()
                            .map(member ->
                                    member.name()
                                            + " := "
                                            + value(member.type(), member(read, member)))
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "CASE WHEN " + read + " IS NOT NULL THEN struct_pack(",
                                            ") END"));
            case ArrayOf array ->
                    "list_transform(%s, lambda x: %s)".formatted(read, value(array.element(), "x"));
            case MapOf _ -> read;
            case Unknown unknown -> throw new IllegalStateException(unknown.toString());
        };
    }

    /// What DuckDB's `from_json` is told to look for.
    private static String shape(ColumnType type) {
        return switch (type) {
            case Plain plain -> plain == TIMESTAMP ? "\"VARCHAR\"" : "\"" + plain.sql() + "\"";
            case Row row ->
                    row.members().stream()
                            .map(member -> "\"" + member.key() + "\":" + shape(member.type()))
                            .collect(Collectors.joining(",", "{", "}"));
            case ArrayOf array -> "[" + shape(array.element()) + "]";
            case MapOf map -> "\"" + map.sql() + "\"";
            case Unknown unknown -> throw new IllegalStateException(unknown.toString());
        };
    }
}
