package dev.cairn.gateway.principal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A key that STS hands out for a time, read out of a call and its answer.
///
/// @param identity of whoever uses the key, as records of AWS's show such (facts, section 2.2)
/// @param ends when its time is over
record HandedOut(String accessKeyId, Identity identity, Instant ends) {
    private static final Set<String> OF_A_ROLE =
            Set.of("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity");

    /// What an answer says is another server's word: nothing else goes into a record.
    private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");

    private static final Pattern ID = Pattern.compile("[\\w+=,.@:-]{1,200}");

    private static final Pattern ROLE_SESSION =
            Pattern.compile(
                    "arn:[\\w-]+:sts::([0-9]{12})?:assumed-role/([\\w+=,.@/-]{1,512})/([\\w+=,.@-]{1,64})");

    private static final Pattern FEDERATED_USER =
            Pattern.compile("arn:[\\w-]+:sts::([0-9]{12})?:federated-user/[\\w+=,.@-]{1,64}");

    private static final Pattern ROLE =
            Pattern.compile("arn:[\\w-]+:iam::([0-9]{12})?:role/[\\w+=,.@/-]{1,600}");

    /// Records have dates so (`Nov 21, 2026, 1:02:03 AM`).
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("MMM d, uuuu, h:mm:ss a", Locale.US)
                    .withZone(ZoneOffset.UTC);

    /// Where an answer does not say when it ends: as long as AWS lets a session last.
    private static final Duration LONGEST = Duration.ofHours(36);

    /// Who has no name has none to hand on.
    private static final Set<String> NAMELESS = Set.of("Unknown", "AWSAccount");

    /// Reads a call that succeeded.
    ///
    /// @param operation such as `AssumeRole`
    /// @param asked the record's `requestParameters`; null for none
    /// @param answered the record's `responseElements`; null for none
    /// @param who called
    /// @return empty when it hands out no key, or one of which cannot be said whose it is
    static Optional<HandedOut> of(
            String operation,
            @Nullable JsonNode asked,
            @Nullable JsonNode answered,
            Identity who,
            Instant time) {
        if (answered == null) {
            return Optional.empty();
        }
        var credentials = answered.path("credentials");
        var key = credentials.path("accessKeyId").asText();
        if (!KEY.matcher(key).matches()) {
            return Optional.empty();
        }
        var attributes =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("creationDate", time.truncatedTo(ChronoUnit.SECONDS).toString())
                        .put(
                                "mfaAuthenticated",
                                Boolean.toString(asked != null && asked.has("serialNumber")));
        Optional<Identity> identity;
        if (OF_A_ROLE.contains(operation)) {
            identity = role(key, asked, answered, who, attributes);
        } else if (operation.equals("GetFederationToken")) {
            identity = federated(key, answered.path("federatedUser"), who, attributes);
        } else if (operation.equals("GetSessionToken")) {
            identity = caller(key, who, attributes);
        } else {
            return Optional.empty();
        }
        return identity.map(
                known -> new HandedOut(key, known, ends(credentials.path("expiration"), time)));
    }

    private static Optional<Identity> role(
            String key,
            @Nullable JsonNode asked,
            JsonNode answered,
            Identity who,
            ObjectNode attributes) {
        var user = answered.path("assumedRoleUser");
        var arn = user.path("arn").asText();
        var id = user.path("assumedRoleId").asText();
        if (arn.isEmpty()) {
            // MinIO's STS knows no roles: who asks gets a key of one's own.
            return caller(key, who, attributes);
        }
        var session = ROLE_SESSION.matcher(arn);
        if (!session.matches() || !(id.isEmpty() || ID.matcher(id).matches())) {
            return Optional.empty();
        }
        var account = account(session, who);
        if (id.isEmpty()) {
            // Ceph gives it another name: made up as the directory does, always the same.
            id = made(key, account, session.group(2), session.group(3));
        }
        var json = json("AssumedRole", id, arn, account, key);
        var context = json.putObject("sessionContext");
        var role = asked == null ? "" : asked.path("roleArn").asText();
        if (ROLE.matcher(role).matches()) {
            context.putObject("sessionIssuer")
                    .put("type", "Role")
                    .put("principalId", id.substring(0, Math.max(0, id.indexOf(':'))))
                    .put("arn", role)
                    .put("accountId", account)
                    .put("userName", role.substring(role.lastIndexOf('/') + 1));
        }
        context.set("attributes", attributes);
        return Optional.of(new Identity(account, json));
    }

    private static String made(String key, String account, String role, String session) {
        return Principal.of(key, "AssumedRole", account, role, session, "").principalId()
                + ":"
                + session;
    }

    private static Optional<Identity> federated(
            String key, JsonNode user, Identity who, ObjectNode attributes) {
        var arn = user.path("arn").asText();
        var id = user.path("federatedUserId").asText();
        var matcher = FEDERATED_USER.matcher(arn);
        if (!matcher.matches() || !ID.matcher(id).matches() || isNameless(who)) {
            return Optional.empty();
        }
        var account = account(matcher, who);
        var json = json("FederatedUser", id, arn, account, key);
        var context = json.putObject("sessionContext");
        var issuer = context.putObject("sessionIssuer");
        for (var member : new String[] {"type", "principalId", "arn", "accountId", "userName"}) {
            if (who.json().has(member)) {
                issuer.set(member, who.json().get(member));
            }
        }
        context.set("attributes", attributes);
        return Optional.of(new Identity(account, json));
    }

    /// Whoever called, by another key.
    private static Optional<Identity> caller(String key, Identity who, ObjectNode attributes) {
        if (isNameless(who)) {
            return Optional.empty();
        }
        var json = who.json().deepCopy();
        json.put("accessKeyId", key);
        var context =
                json.get("sessionContext") instanceof ObjectNode known
                        ? known
                        : json.putObject("sessionContext");
        context.set("attributes", attributes);
        return Optional.of(new Identity(who.account(), json));
    }

    private static ObjectNode json(
            String type, String principalId, String arn, String account, String key) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", type)
                .put("principalId", principalId)
                .put("arn", arn)
                .put("accountId", account)
                .put("accessKeyId", key);
    }

    /// Ceph's ARNs have no account unless users have one: then the caller's.
    private static String account(Matcher arn, Identity who) {
        return arn.group(1) == null ? who.account() : arn.group(1);
    }

    private static boolean isNameless(Identity who) {
        return NAMELESS.contains(who.json().path("type").asText());
    }

    private static Instant ends(JsonNode expiration, Instant time) {
        try {
            return DATE.parse(expiration.asText(), Instant::from);
        } catch (DateTimeException _) {
            return time.plus(LONGEST);
        }
    }
}
