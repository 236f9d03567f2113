package dev.cairn.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One reading of one record: the state of [EventReader]'s pass.
final class Reading {
    private static final int SHOWN_MAX = 80;

    private final boolean strict;
    private final byte[] json;
    private final Instant now;
    private final EventReader.Known known;
    private final boolean loneSurrogates;
    private final @Nullable EventFields fields;

    private final Derivation.Identity identity = new Derivation.Identity();

    /// Null where nobody asks what the call touched.
    private final @Nullable ResourceFinder resources;

    private final Names names = new Names();
    private final int[] objects = new int[EventReader.NESTING_MAX + 1];
    private int depth;
    private int objectsSeen;

    private String version = "";
    private String time = "";
    private String source = "";
    private String name = "";
    private String region = "";
    private String id = "";
    private String account = "";
    private String type = "";
    private String categoryWord = "";
    private String sourceIpAddress = "";
    private String errorCode = "";
    private String insightSource = "";
    private String insightName = "";
    private String aggregateId = "";
    private String aggregateAccount = "";
    private String windowStart = "";
    private @Nullable Boolean readOnly;
    private @Nullable Boolean management;

    private Place place = new Place(Place.UNKNOWN, Place.UNKNOWN);
    private Instant instant = Instant.EPOCH;

    Reading(
            boolean strict,
            byte[] json,
            Instant now,
            EventReader.Known known,
            boolean loneSurrogates,
            @Nullable ResourceFinder resources,
            @Nullable EventFields fields) {
        this.strict = strict;
        this.json = json;
        this.now = now;
        this.known = known;
        this.loneSurrogates = loneSurrogates;
        this.resources = resources;
        this.fields = fields;
    }

    /// The whole event.
    Parsed read() {
        Parsed.Refused refused = pass();
        return refused == null ? new Parsed.Read(event()) : refused;
    }

    /// What tells the event from all others.
    Named name() {
        Parsed.Refused refused = pass();
        return refused == null ? new Named.Name(place, id(place)) : refused;
    }

    /// Why the record is not taken; null when it is.
    private Parsed.@Nullable Refused pass() {
        try (JsonParser parser = EventReader.parser(json)) {
            JsonToken first = parser.nextToken();
            if (first != JsonToken.START_OBJECT) {
                throw refuse(
                        RefusalCode.INVALID_JSON, "expected a JSON object, got " + kind(first));
            }
            enter();
            if (fields != null) {
                fields.begin(loneSurrogates);
            }
            members(parser);
            if (parser.nextToken() != null) {
                throw refuse(
                        RefusalCode.INVALID_JSON,
                        "expected nothing after the object, got "
                                + kind(parser.currentToken())
                                + " at byte "
                                + parser.currentTokenLocation().getByteOffset());
            }
            judge();
            return null;
        } catch (Refusal refusal) {
            return new Parsed.Refused(refusal.code, refusal.words);
        } catch (StreamConstraintsException _) {
            return new Parsed.Refused(
                    RefusalCode.TOO_DEEP,
                    "expected at most %d objects and arrays inside each other, got more"
                            .formatted(EventReader.NESTING_MAX));
        } catch (StreamReadException malformed) {
            return new Parsed.Refused(
                    RefusalCode.INVALID_JSON,
                    "expected a JSON object, got an error at byte %d: %s"
                            .formatted(
                                    malformed.getLocation().getByteOffset(),
                                    shown(malformed.getOriginalMessage(), 2 * SHOWN_MAX)));
        } catch (IOException | IllegalStateException unreadable) {
            // Jackson reports bad bytes and keys made to collide in these two ways.
            return new Parsed.Refused(
                    RefusalCode.INVALID_JSON,
                    "expected a JSON object, got an error: "
                            + shown(String.valueOf(unreadable.getMessage()), 2 * SHOWN_MAX));
        }
    }

    private void members(JsonParser parser) throws IOException, Refusal {
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "eventVersion" -> version = text(parser, value, key);
                case "userIdentity" -> userIdentity(parser, value);
                case "eventTime" -> time = text(parser, value, key);
                case "eventSource" -> source = text(parser, value, key);
                case "eventName" -> name = text(parser, value, key);
                case "awsRegion" -> region = text(parser, value, key);
                case "sourceIPAddress" -> sourceIpAddress = text(parser, value, key);
                case "errorCode" -> errorCode = text(parser, value, key);
                case "errorMessage" -> errorMessage(text(parser, value, key));
                case "requestParameters",
                        "responseElements",
                        "serviceEventDetails",
                        "additionalEventData" ->
                        touching(parser, value);
                case "eventID" -> id = text(parser, value, key);
                case "readOnly" -> readOnly = truth(parser, value, key);
                case "managementEvent" -> management = truth(parser, value, key);
                case "resources" -> resources(parser, value);
                case "eventType" -> type = text(parser, value, key);
                case "recipientAccountId" -> account = text(parser, value, key);
                case "eventCategory" -> categoryWord = text(parser, value, key);
                case "insightDetails" -> insightDetails(parser, value);
                default -> {
                    if (strict) {
                        skip(parser, value);
                    } else {
                        aggregateMember(parser, key, value);
                    }
                }
            }
        }
    }

    private void errorMessage(String message) {
        if (resources != null) {
            resources.refused(message);
        }
    }

    /// A member that may tell what the call touched.
    private void touching(JsonParser parser, JsonToken value) throws IOException, Refusal {
        if (resources == null) {
            skip(parser, value);
        } else {
            resources.search(this, parser, value);
        }
    }

    /// What aggregated events have in place of `eventID`, `recipientAccountId` and `eventTime`.
    private void aggregateMember(JsonParser parser, String key, JsonToken value)
            throws IOException, Refusal {
        switch (key) {
            case "eventId" -> aggregateId = text(parser, value, key);
            case "accountId" -> aggregateAccount = text(parser, value, key);
            case "timeWindow" -> timeWindow(parser, value);
            default -> skip(parser, value);
        }
    }

    private void timeWindow(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (start != JsonToken.START_OBJECT) {
            skip(parser, start);
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            boolean begins = parser.currentName().equals("windowStart");
            JsonToken value = next(parser);
            if (begins) {
                windowStart = text(parser, value, "timeWindow.windowStart");
            } else {
                skip(parser, value);
            }
        }
    }

    private void userIdentity(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (!object(parser, start, "userIdentity", true)) {
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "type" -> identity.type = text(parser, value, "userIdentity.type");
                case "principalId" ->
                        identity.principalId = text(parser, value, "userIdentity.principalId");
                case "arn" -> identity.arn = text(parser, value, "userIdentity.arn");
                case "accountId" ->
                        identity.accountId = text(parser, value, "userIdentity.accountId");
                case "accessKeyId" ->
                        identity.accessKeyId = text(parser, value, "userIdentity.accessKeyId");
                case "userName" -> identity.userName = text(parser, value, "userIdentity.userName");
                case "invokedBy" ->
                        identity.invokedBy = text(parser, value, "userIdentity.invokedBy");
                case "sessionContext" -> sessionContext(parser, value);
                case "onBehalfOf" -> onBehalfOf(parser, value);
                default -> skip(parser, value);
            }
        }
    }

    private void onBehalfOf(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (start != JsonToken.START_OBJECT) {
            skip(parser, start);
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            boolean user = parser.currentName().equals("userId");
            JsonToken value = next(parser);
            if (user) {
                identity.onBehalfOfUserId = text(parser, value, "userIdentity.onBehalfOf.userId");
            } else {
                skip(parser, value);
            }
        }
    }

    private void sessionContext(JsonParser parser, JsonToken start) throws IOException, Refusal {
        String path = "userIdentity.sessionContext";
        if (!object(parser, start, path, false)) {
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "sessionIssuer" -> sessionIssuer(parser, value);
                case "attributes" -> flat(parser, value, path + ".attributes");
                case "webIdFederationData" -> webIdFederationData(parser, value);
                default -> skip(parser, value);
            }
        }
    }

    private void sessionIssuer(JsonParser parser, JsonToken start) throws IOException, Refusal {
        String path = "userIdentity.sessionContext.sessionIssuer";
        if (!object(parser, start, path, false)) {
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "accountId" ->
                        identity.issuerAccountId = text(parser, value, path + ".accountId");
                case "userName" ->
                        identity.issuerUserName = text(parser, value, path + ".userName");
                default -> skip(parser, value);
            }
        }
    }

    private void webIdFederationData(JsonParser parser, JsonToken start)
            throws IOException, Refusal {
        String path = "userIdentity.sessionContext.webIdFederationData";
        if (!object(parser, start, path, false)) {
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            boolean attributes = parser.currentName().equals("attributes");
            JsonToken value = next(parser);
            if (attributes) {
                flat(parser, value, path + ".attributes");
            } else {
                skip(parser, value);
            }
        }
    }

    /// An object of which only the form matters.
    private void flat(JsonParser parser, JsonToken start, String path) throws IOException, Refusal {
        if (object(parser, start, path, false)) {
            while (next(parser) == JsonToken.FIELD_NAME) {
                skip(parser, next(parser));
            }
        }
    }

    private void insightDetails(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (start != JsonToken.START_OBJECT) {
            skip(parser, start);
            return;
        }
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "eventSource" ->
                        insightSource = text(parser, value, "insightDetails.eventSource");
                case "eventName" -> insightName = text(parser, value, "insightDetails.eventName");
                default -> skip(parser, value);
            }
        }
    }

    private void resources(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (start != JsonToken.START_ARRAY) {
            if (strict && start != JsonToken.VALUE_NULL) {
                throw invalid("resources", "an array or null", parser, start);
            }
            skip(parser, start);
            return;
        }
        for (JsonToken item = next(parser); item != JsonToken.END_ARRAY; item = next(parser)) {
            if (item == JsonToken.START_OBJECT) {
                resource(parser);
            } else if (strict) {
                throw invalid("resources", "objects", parser, item);
            } else {
                skip(parser, item);
            }
        }
    }

    private void resource(JsonParser parser) throws IOException, Refusal {
        String arn = "";
        String resourceType = "";
        while (next(parser) == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            JsonToken value = next(parser);
            switch (key) {
                case "ARN", "arn", "ARNPrefix" -> arn = text(parser, value, "resources.ARN");
                case "type" -> resourceType = text(parser, value, "resources.type");
                default -> skip(parser, value);
            }
        }
        if (resources != null) {
            resources.listed(arn, resourceType);
        }
    }

    /// Refuses what lacks what an event needs, or has it in another form.
    private void judge() throws Refusal {
        boolean insight = type.equals("AwsCloudTrailInsight") || categoryWord.equals("Insight");
        if (insight) {
            // Insights events have no source and name of their own; LookupEvents asks for these.
            source = source.isEmpty() ? insightSource : source;
            name = name.isEmpty() ? insightName : name;
        }
        if (type.equals("AwsAggregatedEvent") || categoryWord.equals("Aggregated")) {
            id = firstOf(id, aggregateId);
            account = firstOf(account, aggregateAccount);
            time = firstOf(time, windowStart);
        }
        place = place();
        if (strict) {
            required();
        }
        instant = instant();
    }

    private Event event() {
        boolean reads = readOnly != null ? readOnly : Derivation.readOnly(source, name);
        return new Event(
                json,
                id(place),
                place,
                instant,
                version,
                source,
                name,
                type,
                Derivation.category(categoryWord, type, management, source, name),
                reads,
                Derivation.username(identity),
                orNull(identity.arn),
                orNull(identity.accessKeyId),
                orNull(sourceIpAddress),
                orNull(errorCode),
                resources == null ? List.of() : resources.found(Derivation.service(source)));
    }

    private void required() throws Refusal {
        require("eventVersion", version);
        require("eventSource", source);
        require("eventName", name);
        require("awsRegion", region);
        require("eventID", id);
        if (!isVersion(version)) {
            throw refuse(
                    RefusalCode.INVALID_FIELD,
                    "eventVersion: expected a number such as 1.11, got " + shown(version));
        }
        if (!fitsFileName(region, true)) {
            throw refuse(
                    RefusalCode.INVALID_FIELD,
                    "awsRegion: expected 1 to 32 letters, digits, dashes or underscores, got "
                            + shown(region));
        }
        if (!isUuid(id)) {
            throw refuse(RefusalCode.INVALID_FIELD, "eventID: expected a UUID, got " + shown(id));
        }
    }

    private void require(String path, String value) throws Refusal {
        if (value.isEmpty()) {
            throw refuse(RefusalCode.MISSING_FIELD, path + ": expected text, got nothing");
        }
    }

    private Instant instant() throws Refusal {
        if (time.isEmpty()) {
            throw refuse(
                    RefusalCode.MISSING_FIELD,
                    "eventTime: expected a time such as 2026-01-31T23:59:59Z, got nothing");
        }
        Instant instant = strict ? EventTime.strict(time) : EventTime.lenient(time);
        if (instant == null) {
            throw refuse(
                    RefusalCode.INVALID_FIELD,
                    "eventTime: expected a time such as 2026-01-31T23:59:59Z, got " + shown(time));
        }
        if (strict && instant.isAfter(now.plus(EventReader.AHEAD_MAX))) {
            throw refuse(
                    RefusalCode.TIME_IN_FUTURE,
                    "eventTime: expected at most %d minutes after %s, got %s"
                            .formatted(EventReader.AHEAD_MAX.toMinutes(), now, instant));
        }
        return instant;
    }

    private Place place() throws Refusal {
        if (known.decided()) {
            return new Place(known.account(), known.region());
        }
        String owner =
                firstOf(
                        account,
                        identity.accountId,
                        identity.issuerAccountId,
                        strict ? "" : known.account());
        if (strict && owner.isEmpty()) {
            throw refuse(
                    RefusalCode.MISSING_FIELD,
                    "recipientAccountId: expected an account there, in userIdentity.accountId or in"
                            + " the session's issuer, got nothing");
        }
        if (strict && !fitsFileName(owner, false)) {
            throw refuse(
                    RefusalCode.INVALID_FIELD,
                    "recipientAccountId: expected 1 to 32 digits, got " + shown(owner));
        }
        String where = firstOf(region, strict ? "" : known.region());
        return new Place(
                owner.isEmpty() ? Place.UNKNOWN : owner, where.isEmpty() ? Place.UNKNOWN : where);
    }

    /// Whether text can stand in a log file's name: the Processing Library passes over files whose
    /// name is not `account_CloudTrail_region_…`, and a name must not leave its folder.
    private static boolean fitsFileName(String text, boolean letters) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter =
                    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
            if (!(c >= '0' && c <= '9') && !(letters && letter)) {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= 32;
    }

    private static String firstOf(String... candidates) {
        for (String candidate : candidates) {
            if (!candidate.isEmpty()) {
                return candidate;
            }
        }
        return "";
    }

    /// The record's own id where it can name one event among all: placeholders such as `1` or `...`
    /// name many, and those records get an id of their bytes like those that have none.
    private String id(Place place) {
        if (!known.id().isEmpty()) {
            return known.id();
        }
        return strict || hasUuidForm(id) ? id : InventedId.of(place, json);
    }

    /// Looks like a UUID; letters beyond hexadecimal do occur, in published samples.
    private static boolean hasUuidForm(String id) {
        if (id.length() != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            char c = id.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            boolean sign =
                    (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (dash ? c != '-' : !sign) {
                return false;
            }
        }
        return true;
    }

    private static boolean isUuid(String id) {
        if (id.length() != 36) {
            return false;
        }
        for (int i = 0; i < 36; i++) {
            char c = id.charAt(i);
            boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
            if (dash ? c != '-' : !HexFormat.isHexDigit(c)) {
                return false;
            }
        }
        return true;
    }

    /// A decimal as Java's `Double.parseDouble` takes it, which is what the Processing Library
    /// does; without its exotic forms.
    private static boolean isVersion(String version) {
        int dots = 0;
        int digits = 0;
        for (int i = 0; i < version.length(); i++) {
            char c = version.charAt(i);
            if (c == '.') {
                dots++;
            } else if (c >= '0' && c <= '9') {
                digits++;
            } else {
                return false;
            }
        }
        return digits > 0 && digits <= 10 && dots <= 1;
    }

    /// Takes the next token, and checks it where the reader is strict.
    JsonToken next(JsonParser parser) throws IOException, Refusal {
        JsonToken token = parser.nextToken();
        if (token == null) {
            throw refuse(RefusalCode.INVALID_JSON, "expected a JSON object, got only part of one");
        }
        if (fields != null) {
            fields.token(parser, token);
        }
        if (!strict) {
            return token;
        }
        switch (token) {
            case START_OBJECT, START_ARRAY -> enter();
            case END_OBJECT, END_ARRAY -> depth--;
            case FIELD_NAME -> unique(parser);
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> inRange(parser);
            default -> {
                // Other tokens have nothing to check.
            }
        }
        return token;
    }

    private void enter() {
        depth++;
        objects[depth] = ++objectsSeen;
    }

    private void unique(JsonParser parser) throws IOException, Refusal {
        String key = parser.currentName();
        switch (names.add(objects[depth], key)) {
            case NEW -> {}
            case TWICE ->
                    throw refuse(
                            RefusalCode.DUPLICATE_KEY,
                            "expected each key once in an object, got %s twice at byte %d"
                                    .formatted(
                                            shown(key),
                                            parser.currentTokenLocation().getByteOffset()));
            case CROWDED ->
                    throw refuse(
                            RefusalCode.INVALID_JSON,
                            "expected keys that can be told apart, got too many that hash alike");
        }
    }

    private void inRange(JsonParser parser) throws IOException, Refusal {
        // Up to here no number without an exponent can be out of range.
        int plainMax = 300;
        int length = parser.getTextLength();
        if (length <= plainMax && !hasExponent(parser, length)) {
            return;
        }
        if (Double.isInfinite(Double.parseDouble(parser.getText()))) {
            throw refuse(
                    RefusalCode.NUMBER_OUT_OF_RANGE,
                    "expected a number that a double can hold, got " + shown(parser.getText()));
        }
    }

    private static boolean hasExponent(JsonParser parser, int length) throws IOException {
        char[] chars = parser.getTextCharacters();
        int from = parser.getTextOffset();
        for (int i = from; i < from + length; i++) {
            if (chars[i] == 'e' || chars[i] == 'E') {
                return true;
            }
        }
        return false;
    }

    /// Passes over a value, still checking it where the reader is strict, and visiting it.
    void skip(JsonParser parser, JsonToken start) throws IOException, Refusal {
        if (!start.isStructStart()) {
            return;
        }
        if (!strict && fields == null) {
            parser.skipChildren();
            return;
        }
        for (int open = 1; open > 0; ) {
            JsonToken token = next(parser);
            open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    /// The text of a member; empty for null. Lenient readers take numbers as they stand, and
    /// nothing from an object or array.
    private String text(JsonParser parser, JsonToken value, String path)
            throws IOException, Refusal {
        if (value == JsonToken.VALUE_STRING) {
            return clean(parser.getText());
        }
        if (value == JsonToken.VALUE_NULL) {
            return "";
        }
        if (strict) {
            throw invalid(path, "text", parser, value);
        }
        if (value.isStructStart()) {
            skip(parser, value);
            return "";
        }
        return parser.getText();
    }

    /// Text that UTF-8 can carry: half surrogate pairs, which only escapes bring, become U+FFFD.
    String clean(String text) {
        return loneSurrogates ? Utf8.clean(text) : text;
    }

    private @Nullable Boolean truth(JsonParser parser, JsonToken value, String path)
            throws IOException, Refusal {
        switch (value) {
            case VALUE_TRUE -> {
                return true;
            }
            case VALUE_FALSE -> {
                return false;
            }
            case VALUE_NULL -> {
                return null;
            }
            default -> {
                if (strict) {
                    throw invalid(path, "true, false or null", parser, value);
                }
            }
        }
        if (value == JsonToken.VALUE_STRING) {
            return switch (parser.getText()) {
                case "true", "True" -> true;
                case "false", "False" -> false;
                default -> null;
            };
        }
        skip(parser, value);
        return null;
    }

    /// Whether a member is an object to go into. What is none is passed over, or refused by strict
    /// readers.
    private boolean object(JsonParser parser, JsonToken start, String path, boolean nullable)
            throws IOException, Refusal {
        if (start == JsonToken.START_OBJECT) {
            return true;
        }
        if (strict && !(nullable && start == JsonToken.VALUE_NULL)) {
            throw invalid(path, nullable ? "an object or null" : "an object", parser, start);
        }
        skip(parser, start);
        return false;
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static Refusal invalid(String path, String expected, JsonParser parser, JsonToken value)
            throws IOException {
        String got = value.isScalarValue() ? shown(parser.getText()) : kind(value);
        return refuse(RefusalCode.INVALID_FIELD, path + ": expected " + expected + ", got " + got);
    }

    private static String kind(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            case VALUE_STRING -> "text";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            default -> token.name();
        };
    }

    private static String shown(String value) {
        return "`" + shown(value, SHOWN_MAX) + "`";
    }

    /// A value fit for a message: on one line, and never long.
    private static String shown(String value, int charsMax) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < value.length() && i < charsMax; i++) {
            char c = value.charAt(i);
            shown.append(Character.isISOControl(c) || Character.isSurrogate(c) ? '?' : c);
        }
        return value.length() > charsMax ? shown + "…" : shown.toString();
    }

    static Refusal refuse(RefusalCode code, String words) {
        return new Refusal(code, words);
    }

    /// Carries a refusal out of the depth of a record. It never leaves this class's callers, and
    /// costs no stack trace.
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;
        private final RefusalCode code;
        private final String words;

        private Refusal(RefusalCode code, String words) {
            super(words, null, false, false);
            this.code = code;
            this.words = words;
        }
    }
}
