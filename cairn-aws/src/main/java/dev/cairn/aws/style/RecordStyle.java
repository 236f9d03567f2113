package dev.cairn.aws.style;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A way of showing a document in a record.
///
/// @param names how members are called
/// @param dates how moments are written
/// @param secrets what stands for a value that the model marks as sensitive, or that is a secret by
///   its name
/// @param bytes whether blobs are shown, in base64; streams never are
public record RecordStyle(Names names, Dates dates, Secrets secrets, boolean bytes) {

    /// What stands for a secret, in most records.
    public static final String HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS";

    /// The style of CloudTrail's own calls, and of most services.
    public static final RecordStyle USUAL =
            new RecordStyle(Names.LOWER_CAMEL, Dates.TEXT, Secrets.HIDDEN, true);

    /// How members are called.
    public enum Names {
        /// The API's name with a small first letter: `dBInstanceIdentifier`.
        LOWER_CAMEL,
        /// As on the wire.
        WIRE
    }

    /// How moments are written.
    public enum Dates {
        /// As Java prints them: `Nov 21, 2026, 8:43:17 PM`.
        TEXT,
        /// As on the wire: a number, or `2026-11-21T20:43:17Z`.
        WIRE
    }

    /// What becomes of secrets.
    public enum Secrets {
        /// [#HIDDEN].
        HIDDEN,
        /// `***`.
        STARS,
        /// They are left out.
        OMITTED
    }

    /// Secrets that models do not mark; compared in lower case.
    private static final Set<String> SECRET_NAMES =
            Set.of(
                    "password",
                    "oldpassword",
                    "newpassword",
                    "masteruserpassword",
                    "masterpassword",
                    "adminpassword",
                    "temporarypassword",
                    "domainpassword",
                    "secretaccesskey",
                    "secretkey",
                    "secretstring",
                    "secretbinary",
                    "clientsecret",
                    "passphrase",
                    "presharedkey",
                    "privatekey",
                    "privatekeybase64",
                    "sharedsecret",
                    "userpassword",
                    "keymaterial",
                    "authtoken",
                    "authenticationcode1",
                    "authenticationcode2",
                    "authorizationtoken",
                    "samlassertion",
                    "webidentitytoken",
                    "accesstoken",
                    "refreshtoken",
                    "idtoken");

    /// Deeper than any service's documents.
    private static final int DEPTH_MAX = 100;

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("MMM d, uuuu, h:mm:ss a", Locale.US)
                    .withZone(ZoneOffset.UTC);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Whether a member is a secret by its name, whatever a model says.
    public static boolean secret(String name) {
        // Most names are too long or short to be one of these; lower-casing every name costs.
        return name.length() >= 7
                && name.length() <= 19
                && SECRET_NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    /// The name with a small first letter.
    public static String lowerCamel(String name) {
        return name.isEmpty() || !Character.isUpperCase(name.charAt(0))
                ? name
                : Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /// A moment as text.
    ///
    /// @param seconds since the epoch
    public static String text(JsonNode seconds) {
        return DATE.format(instant(seconds.decimalValue()));
    }

    /// The document in this style. What its shape does not know is shown as [#plain] shows it.
    ///
    /// @param document as the wire layer gives or takes it
    /// @param shape what the model says of it
    public JsonNode show(JsonNode document, Shape shape) {
        JsonNode shown = show(document, shape, null);
        return shown == null ? NODES.nullNode() : shown;
    }

    /// @return null for what is left out
    private @Nullable JsonNode show(JsonNode value, Shape shape, @Nullable Member member) {
        if (shape instanceof Shape.Blob blob && (blob.streaming() || !bytes)) {
            return null;
        }
        if (shape.sensitive() || (member != null && secret(member.name()))) {
            return mask();
        }
        return switch (shape) {
            case Shape.Structure structure -> structure(value, structure);
            case Shape.Listing listing -> listing(value, listing);
            case Shape.Mapping mapping -> mapping(value, mapping);
            case Shape.Timestamp _ -> value.isNumber() ? moment(value, shape, member) : value;
            case Shape.Text _, Shape.Numeric _, Shape.Flag _, Shape.Blob _, Shape.Document _ ->
                    value;
        };
    }

    private ObjectNode structure(JsonNode value, Shape.Structure structure) {
        ObjectNode object = NODES.objectNode();
        for (var field : value.properties()) {
            Member member = structure.members().get(field.getKey());
            if (field.getValue().isNull()) {
                continue;
            }
            if (member == null) {
                plain(object, field.getKey(), field.getValue(), 1);
                continue;
            }
            JsonNode shown = show(field.getValue(), member.shape(), member);
            if (shown != null) {
                object.set(name(member), shown);
            }
        }
        return object;
    }

    /// JSON that no shape describes: of operations and members newer than the models. What is
    /// secret by its name is treated as such.
    public JsonNode plain(JsonNode value) {
        return plain(value, 0);
    }

    private JsonNode plain(JsonNode value, int depth) {
        if (depth > DEPTH_MAX) {
            return NODES.nullNode();
        }
        if (value.isObject()) {
            ObjectNode object = NODES.objectNode();
            for (var field : value.properties()) {
                plain(object, field.getKey(), field.getValue(), depth + 1);
            }
            return object;
        }
        if (value.isArray()) {
            ArrayNode array = NODES.arrayNode(value.size());
            value.forEach(item -> array.add(plain(item, depth + 1)));
            return array;
        }
        return value;
    }

    private void plain(ObjectNode into, String name, JsonNode value, int depth) {
        JsonNode shown = secret(name) ? mask() : value.isNull() ? null : plain(value, depth);
        if (shown != null) {
            into.set(names == Names.WIRE ? name : lowerCamel(name), shown);
        }
    }

    /// What stands for a secret; null where it is left out.
    private @Nullable JsonNode mask() {
        return switch (secrets) {
            case HIDDEN -> NODES.textNode(HIDDEN);
            case STARS -> NODES.textNode("***");
            case OMITTED -> null;
        };
    }

    private String name(Member member) {
        return switch (names) {
            case LOWER_CAMEL -> lowerCamel(member.name());
            case WIRE -> member.wireName();
        };
    }

    private ArrayNode listing(JsonNode value, Shape.Listing listing) {
        ArrayNode array = NODES.arrayNode(value.size());
        for (JsonNode item : value) {
            JsonNode shown = show(item, listing.item().shape(), null);
            if (shown != null) {
                array.add(shown);
            }
        }
        return array;
    }

    private ObjectNode mapping(JsonNode value, Shape.Mapping mapping) {
        ObjectNode object = NODES.objectNode();
        for (var field : value.properties()) {
            JsonNode shown = show(field.getValue(), mapping.value().shape(), null);
            if (shown != null) {
                object.set(field.getKey(), shown);
            }
        }
        return object;
    }

    private JsonNode moment(JsonNode value, Shape shape, @Nullable Member member) {
        if (dates == Dates.TEXT) {
            return NODES.textNode(text(value));
        }
        TimestampFormat usual =
                member == null
                        ? TimestampFormat.UNIX
                        : switch (member.location()) {
                            case BODY -> TimestampFormat.UNIX;
                            case HEADER, HEADERS -> TimestampFormat.RFC822;
                            case QUERY, URI, STATUS -> TimestampFormat.ISO8601;
                        };
        TimestampFormat format =
                member != null
                        ? member.timestampFormat(usual)
                        : shape instanceof Shape.Timestamp timestamp
                                ? timestamp.format().orElse(usual)
                                : usual;
        return format == TimestampFormat.UNIX
                ? value
                : NODES.textNode(instant(value.decimalValue()).toString());
    }

    private static Instant instant(BigDecimal seconds) {
        BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
        return Instant.ofEpochSecond(
                whole.longValue(), seconds.subtract(whole).movePointRight(9).longValue());
    }
}
