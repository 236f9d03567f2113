package dev.cairn.aws.sigv4;

import dev.cairn.aws.http.Request;
import dev.cairn.aws.sigv4.Signature.Malformed;
import dev.cairn.aws.sigv4.Signature.Signed;
import dev.cairn.aws.sigv4.Signature.Unsigned;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Takes a signature apart. One reader reads one request.
final class SignatureReader {

    static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final long EXPIRES_MAX = Duration.ofDays(7).toSeconds();
    private static final Pattern SIGNATURE = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9a-z-]+");

    /// Any name that could be a region's: it becomes part of where the call is recorded.
    private static final Pattern REGION = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,10}");

    /// Bound by other means: date and payload hash are lines of their own in what is signed, the
    /// token belongs to the key, and CloudFront adds its id after the client has signed.
    private static final Set<String> MAY_BE_UNSIGNED =
            Set.of("x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-cf-id");

    private final Request request;

    SignatureReader(Request request) {
        this.request = request;
    }

    Signature read() {
        List<String> authorization = request.headers().all("authorization");
        Map<String, String> query = new HashMap<>();
        boolean repeated = presignedParameters(query);
        boolean presigned =
                query.containsKey("X-Amz-Algorithm") || query.containsKey("X-Amz-Signature");
        try {
            if (presigned) {
                if (!authorization.isEmpty() && isAws(authorization.getFirst())) {
                    throw new Bad(
                            Refusal.INCOMPLETE,
                            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization"
                                    + " header should be specified");
                }
                if (repeated) {
                    throw new Bad(
                            Refusal.INCOMPLETE_QUERY,
                            "AWS query-string parameters must not be repeated.");
                }
                return fromQuery(query);
            }
            if (authorization.isEmpty() || !isAws(authorization.getFirst())) {
                return new Unsigned();
            }
            if (authorization.size() > 1) {
                throw new Bad(Refusal.INCOMPLETE, "Authorization header must not be repeated.");
            }
            return fromHeader(authorization.getFirst());
        } catch (Bad bad) {
            return new Malformed(bad.refusal, bad.detail);
        }
    }

    private static boolean isAws(String authorization) {
        return authorization.startsWith("AWS");
    }

    /// Collects the `X-Amz-` parameters that make a presigned request; true if one came twice.
    private boolean presignedParameters(Map<String, String> into) {
        boolean repeated = false;
        for (String part : request.rawQuery().split("&", -1)) {
            int equals = part.indexOf('=');
            String name = Canonical.decodeText(equals < 0 ? part : part.substring(0, equals));
            if (name.startsWith("X-Amz-")) {
                repeated |=
                        into.put(
                                        name,
                                        equals < 0
                                                ? ""
                                                : Canonical.decodeText(part.substring(equals + 1)))
                                != null;
            }
        }
        return repeated;
    }

    private Signed fromHeader(String authorization) throws Bad {
        String algorithm = authorization.split("[ \t]", 2)[0];
        if (!algorithm.equals(ALGORITHM)) {
            throw new Bad(
                    Refusal.INCOMPLETE,
                    "Unsupported AWS 'algorithm': '" + shorten(algorithm) + "'.");
        }
        Map<String, String> parameters = new HashMap<>();
        for (String part : authorization.substring(ALGORITHM.length()).split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new Bad(
                        Refusal.INCOMPLETE,
                        "'"
                                + shorten(part.strip())
                                + "' not a valid key=value pair (missing equal-sign) in Authorization"
                                + " header.");
            }
            if (parameters.put(
                            part.substring(0, equals).strip(), part.substring(equals + 1).strip())
                    != null) {
                throw new Bad(Refusal.INCOMPLETE, "Authorization header has a parameter twice.");
            }
        }
        var missing = new ArrayList<String>();
        for (String name : List.of("Credential", "Signature", "SignedHeaders")) {
            if (parameters.getOrDefault(name, "").isEmpty()) {
                missing.add("Authorization header requires '" + name + "' parameter.");
            }
        }
        String date = date();
        if (date == null) {
            missing.add(
                    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        }
        if (!missing.isEmpty() || date == null) {
            throw new Bad(
                    Refusal.INCOMPLETE, String.join(" ", missing) + " Authorization=" + ALGORITHM);
        }
        Instant signedAt = parseDate(date, Refusal.INCOMPLETE);
        Scope scope =
                scope(parameters.getOrDefault("Credential", ""), signedAt, Refusal.INCOMPLETE);
        return new Signed(
                scope,
                signedAt,
                Optional.empty(),
                request.headers().first("x-amz-security-token"),
                payload(
                        request.headers().first("x-amz-content-sha256"),
                        new Payload.Whole(),
                        Refusal.INCOMPLETE),
                signedHeaders(parameters.getOrDefault("SignedHeaders", ""), Refusal.INCOMPLETE),
                signature(parameters.getOrDefault("Signature", ""), Refusal.INCOMPLETE),
                request);
    }

    private Signed fromQuery(Map<String, String> query) throws Bad {
        String algorithm = query.getOrDefault("X-Amz-Algorithm", "");
        if (!algorithm.equals(ALGORITHM)) {
            throw new Bad(
                    Refusal.INCOMPLETE_QUERY,
                    "X-Amz-Algorithm only supports \"" + ALGORITHM + "\"");
        }
        var missing = new ArrayList<String>();
        for (String name :
                List.of(
                        "X-Amz-Credential",
                        "X-Amz-Signature",
                        "X-Amz-SignedHeaders",
                        "X-Amz-Date")) {
            if (query.getOrDefault(name, "").isEmpty()) {
                missing.add("AWS query-string parameters must include '" + name + "'.");
            }
        }
        if (!missing.isEmpty()) {
            throw new Bad(
                    Refusal.INCOMPLETE_QUERY,
                    String.join(" ", missing) + " Re-examine the query-string parameters.");
        }
        Instant signedAt =
                parseDate(query.getOrDefault("X-Amz-Date", ""), Refusal.INCOMPLETE_QUERY);
        Scope scope =
                scope(
                        query.getOrDefault("X-Amz-Credential", ""),
                        signedAt,
                        Refusal.INCOMPLETE_QUERY);
        Payload unless = scope.isS3() ? new Payload.Unsigned() : new Payload.Whole();
        Optional<String> declared =
                request.headers()
                        .first("x-amz-content-sha256")
                        .or(() -> Optional.ofNullable(query.get("X-Amz-Content-Sha256")));
        return new Signed(
                scope,
                signedAt,
                Optional.of(expires(query.get("X-Amz-Expires"), scope)),
                Optional.ofNullable(query.get("X-Amz-Security-Token"))
                        .or(() -> request.headers().first("x-amz-security-token")),
                payload(declared, unless, Refusal.INCOMPLETE_QUERY),
                signedHeaders(
                        query.getOrDefault("X-Amz-SignedHeaders", ""), Refusal.INCOMPLETE_QUERY),
                signature(query.getOrDefault("X-Amz-Signature", ""), Refusal.INCOMPLETE_QUERY),
                request);
    }

    private @Nullable String date() throws Bad {
        List<String> dates = request.headers().all("x-amz-date");
        if (dates.isEmpty()) {
            dates = request.headers().all("date");
        }
        if (dates.size() > 1) {
            throw new Bad(Refusal.INCOMPLETE, "The date header must not be repeated.");
        }
        return dates.isEmpty() ? null : dates.getFirst();
    }

    private static Instant parseDate(String date, Refusal refusal) throws Bad {
        Optional<Instant> basic = AmzDate.parse(date);
        if (basic.isPresent()) {
            return basic.get();
        }
        try {
            return Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
        } catch (DateTimeParseException _) {
            throw new Bad(
                    refusal,
                    "Date must be in ISO-8601 'basic format'. Got '"
                            + shorten(date)
                            + "'. See"
                            + " http://en.wikipedia.org/wiki/ISO_8601");
        }
    }

    private static Scope scope(String credential, Instant signedAt, Refusal refusal) throws Bad {
        String[] parts = credential.split("/", -1);
        if (parts.length != 5) {
            throw new Bad(
                    refusal,
                    "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '"
                            + shorten(credential)
                            + "'");
        }
        for (String part : parts) {
            if (part.isEmpty()) {
                throw new Bad(
                        refusal,
                        "Credential must not have an empty element, got '"
                                + shorten(credential)
                                + "'");
            }
        }
        if (!parts[4].equals(Scope.TERMINATOR)) {
            throw new Bad(
                    Refusal.WRONG_SCOPE,
                    "Credential should be scoped with a valid terminator: '"
                            + Scope.TERMINATOR
                            + "', not '"
                            + shorten(parts[4])
                            + "'.");
        }
        String stamp = AmzDate.format(signedAt);
        String day = stamp.substring(0, 8);
        if (!parts[1].equals(day)) {
            throw new Bad(
                    Refusal.WRONG_SCOPE,
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"
                            + shorten(parts[1])
                            + "' != '"
                            + day
                            + "', from '"
                            + stamp
                            + "'.");
        }
        if (!REGION.matcher(parts[2]).matches()) {
            throw new Bad(
                    Refusal.WRONG_SCOPE,
                    "Credential should be scoped to a valid region, not '"
                            + shorten(parts[2])
                            + "'.");
        }
        return new Scope(parts[0], parts[1], parts[2], parts[3]);
    }

    private List<String> signedHeaders(String list, Refusal refusal) throws Bad {
        List<String> names = List.of(list.split(";", -1));
        for (String name : names) {
            if (!HEADER_NAME.matcher(name).matches()) {
                throw new Bad(
                        refusal, "SignedHeaders must be lower-case header names separated by ';'.");
            }
        }
        if (Set.copyOf(names).size() != names.size()) {
            throw new Bad(refusal, "SignedHeaders must not name a header twice.");
        }
        if (!names.contains("host")) {
            throw new Bad(
                    Refusal.UNSIGNED_HEADER,
                    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
        }
        for (var field : request.headers().fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            if (name.startsWith("x-amz-")
                    && !MAY_BE_UNSIGNED.contains(name)
                    && !names.contains(name)) {
                throw new Bad(
                        Refusal.UNSIGNED_HEADER,
                        "There were headers present in the request which were not signed: "
                                + shorten(name));
            }
        }
        return names;
    }

    private static String signature(String value, Refusal refusal) throws Bad {
        if (!SIGNATURE.matcher(value).matches()) {
            throw new Bad(refusal, "Signature must be 64 lower-case hexadecimal digits.");
        }
        return value;
    }

    private static Duration expires(@Nullable String value, Scope scope) throws Bad {
        if (value == null) {
            if (scope.isS3()) {
                throw new Bad(
                        Refusal.INCOMPLETE_QUERY,
                        "AWS query-string parameters must include 'X-Amz-Expires'.");
            }
            return SignatureVerifier.SKEW_MAX; // other services: as long as an unpresigned one
        }
        if (!DIGITS.matcher(value).matches()) {
            throw new Bad(Refusal.INCOMPLETE_QUERY, "X-Amz-Expires should be a number");
        }
        long seconds = Long.parseLong(value);
        if (seconds < 1) {
            throw new Bad(Refusal.INCOMPLETE_QUERY, "X-Amz-Expires must be at least 1 second");
        }
        if (seconds > EXPIRES_MAX) {
            throw new Bad(
                    Refusal.INCOMPLETE_QUERY,
                    "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than"
                            + " 604800 seconds");
        }
        return Duration.ofSeconds(seconds);
    }

    private static Payload payload(Optional<String> declared, Payload unless, Refusal refusal)
            throws Bad {
        if (declared.isEmpty()) {
            return unless;
        }
        String value = declared.get();
        return switch (value) {
            case "UNSIGNED-PAYLOAD" -> new Payload.Unsigned();
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" -> new Payload.Chunked(true, false);
            case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" -> new Payload.Chunked(true, true);
            case "STREAMING-UNSIGNED-PAYLOAD-TRAILER" -> new Payload.Chunked(false, true);
            default -> {
                if (!SIGNATURE.matcher(value).matches()) {
                    throw new Bad(
                            refusal,
                            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD,"
                                    + " STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a"
                                    + " valid sha256 value.");
                }
                yield new Payload.Declared(value);
            }
        };
    }

    private static String shorten(String text) {
        return text.length() <= 128 ? text : text.substring(0, 128) + "...";
    }

    /// Leaves the parsing at the first thing that is wrong; never leaves this class.
    @SuppressWarnings("serial") // never serialised
    private static final class Bad extends Exception {
        final Refusal refusal;
        final String detail;

        Bad(Refusal refusal, String detail) {
            super(detail, null, false, false);
            this.refusal = refusal;
            this.detail = detail;
        }
    }
}
