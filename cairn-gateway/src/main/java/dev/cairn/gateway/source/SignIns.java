package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.event.Place;
import java.util.Set;

/// Sign-ins, as an identity provider posts them: a form of Cairn's own, made into the record that
/// AWS's console leaves (`AwsConsoleSignIn`). Shapes: AWS's page on sign-in events, and real
/// records.
public final class SignIns implements Source {
    private static final Set<String> MEMBERS =
            Set.of(
                    "id",
                    "time",
                    "event",
                    "result",
                    "reason",
                    "user",
                    "sourceIPAddress",
                    "userAgent",
                    "mfaUsed",
                    "mfaIdentifier",
                    "loginTo",
                    "provider",
                    "details");
    private static final Set<String> USER = Set.of("type", "name", "session", "principalId", "arn");
    private static final Set<String> TYPES =
            Set.of(
                    "Root",
                    "IAMUser",
                    "AssumedRole",
                    "FederatedUser",
                    "SAMLUser",
                    "WebIdentityUser",
                    "IdentityCenterUser");
    private static final Set<String> RESULTS = Set.of("Success", "Failure");
    private static final Set<String> EVENTS =
            Set.of(
                    "ConsoleLogin",
                    "CheckMfa",
                    "SwitchRole",
                    "ExitRole",
                    "RenewRole",
                    "Logout",
                    "PasswordRecoveryRequested",
                    "PasswordRecoveryCompleted",
                    "PasswordUpdated");

    @Override
    public String name() {
        return "sign-ins";
    }

    @Override
    public boolean isForm() {
        return true;
    }

    @Override
    public Heard hear(ObjectNode original, Place place) {
        try {
            var form = Form.of(original, MEMBERS);
            return new Heard.Written(record(form, place.account()), form.textOrNull("id"));
        } catch (Form.Wrong wrong) {
            return wrong.refused();
        }
    }

    private static ObjectNode record(Form form, String account) throws Form.Wrong {
        var event = form.oneOf("event", EVENTS, "ConsoleLogin");
        var result = form.oneOf("result", RESULTS, null);
        var record = JsonNodeFactory.instance.objectNode();
        record.set("userIdentity", user(form, account));
        record.put("eventTime", form.time("time"));
        record.put("eventSource", "signin.amazonaws.com");
        record.put("eventName", event);
        record.put("sourceIPAddress", form.text("sourceIPAddress"));
        var userAgent = form.textOrNull("userAgent");
        if (userAgent != null) {
            record.put("userAgent", userAgent);
        }
        var reason = form.textOrNull("reason");
        if (result.equals("Failure")) {
            record.put("errorMessage", reason == null ? "Failed authentication" : reason);
        }
        record.putNull("requestParameters");
        record.putObject("responseElements").put(event, result);
        var additional = additional(form);
        if (!additional.isEmpty()) {
            record.set("additionalEventData", additional);
        }
        record.put("readOnly", false);
        record.put("eventType", "AwsConsoleSignIn");
        record.put("managementEvent", true);
        record.put("eventCategory", "Management");
        return record;
    }

    private static ObjectNode additional(Form form) throws Form.Wrong {
        var additional = JsonNodeFactory.instance.objectNode();
        var loginTo = form.textOrNull("loginTo");
        if (loginTo != null) {
            additional.put("LoginTo", loginTo);
        }
        var mfaUsed = form.truthOrNull("mfaUsed");
        if (mfaUsed != null) {
            additional.put("MFAUsed", mfaUsed ? "Yes" : "No");
        }
        var mfaIdentifier = form.textOrNull("mfaIdentifier");
        if (mfaIdentifier != null) {
            additional.put("MFAIdentifier", mfaIdentifier);
        }
        var details = form.objectOrNull("details");
        if (details != null) {
            additional.set("details", details);
        }
        return additional;
    }

    private static ObjectNode user(Form form, String account) throws Form.Wrong {
        var user = form.inner("user", USER);
        var type = user.oneOf("type", TYPES, "IAMUser");
        var root = type.equals("Root");
        var name = root ? "root" : user.text("name");
        var session = type.equals("AssumedRole") ? user.text("session") : name;
        var principalId = user.textOrNull("principalId");
        var arn = user.textOrNull("arn");
        var provider = form.textOrNull("provider");
        var identity = JsonNodeFactory.instance.objectNode().put("type", type);
        identity.put(
                "principalId",
                principalId != null
                        ? principalId
                        : root ? account : session.equals(name) ? name : name + ":" + session);
        var path =
                switch (type) {
                    case "Root" -> "arn:aws:iam::" + account + ":root";
                    case "IAMUser" -> "arn:aws:iam::" + account + ":user/" + name;
                    case "AssumedRole" ->
                            "arn:aws:sts::" + account + ":assumed-role/" + name + "/" + session;
                    case "FederatedUser" -> "arn:aws:sts::" + account + ":federated-user/" + name;
                    default -> null;
                };
        if (arn != null || path != null) {
            identity.put("arn", arn != null ? arn : path);
        }
        identity.put("accountId", account);
        if (!root && !type.equals("AssumedRole")) {
            identity.put("userName", name);
        }
        if (provider != null) {
            identity.put("identityProvider", provider);
        }
        return identity;
    }
}
