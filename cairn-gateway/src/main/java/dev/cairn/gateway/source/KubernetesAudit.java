package dev.cairn.gateway.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.event.Place;
import dev.cairn.gateway.decoding.DecodedCall;
import dev.cairn.gateway.decoding.Limits;
import dev.cairn.gateway.decoding.Named;
import dev.cairn.gateway.principal.Identity;
import dev.cairn.intake.RecordSplitter;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The audit log of a Kubernetes API server, as its webhook sends it: an `EventList` of
/// `audit.k8s.io/v1`; the events of its log file, one a line, are taken too.
///
/// Members and their meaning: Kubernetes' reference of the API group `audit.k8s.io`. An event that
/// says only that a request came (stage `RequestReceived`) is passed over, for another says how it
/// ended; of requests that last, as `exec` and `watch` do, the beginning of the answer
/// (`ResponseStarted`) is an event of its own.
public final class KubernetesAudit implements Source {
    private static final String EVENT_SOURCE = "kubernetes.io";
    private static final String SERVICE_ACCOUNT = "system:serviceaccount:";
    private static final Set<String> READS = Set.of("get", "list", "watch", "head", "options");

    /// What lets its caller act inside, whatever the verb says.
    private static final Set<String> ENTRANCES = Set.of("exec", "attach", "portforward", "proxy");

    /// Resources that are secrets, and so are never shown.
    private static final Set<String> SECRETS =
            Set.of("secrets", "tokenreviews", "tokenrequests", "serviceaccounts/token");

    @Override
    public String name() {
        return "kubernetes";
    }

    @Override
    public Originals originals(InputStream body, int originalBytesMax) {
        return new RecordSplitter(body, originalBytesMax, "items")::next;
    }

    @Override
    public Heard hear(ObjectNode original, Place place) {
        if (original.path("stage").asText().equals("RequestReceived")) {
            return new Heard.Nothing();
        }
        hideSecrets(original);
        var time = Times.of(original.path("requestReceivedTimestamp"));
        return new Heard.Call(
                time == null ? Times.of(original.path("stageTimestamp")) : time,
                new Identity(place.account(), identity(original.path("user"), place.account())),
                address(original.path("sourceIPs")),
                text(original.path("userAgent")),
                call(original),
                ownId(original));
    }

    /// The audit id alone does not do: an API server takes over one that a client sends. The times
    /// are its own. In a list and in a line of the log file, an event's bytes differ.
    private static @Nullable String ownId(ObjectNode original) {
        if (original.path("auditID").asText("").isEmpty()
                || original.path("requestReceivedTimestamp").asText("").isEmpty()) {
            return null;
        }
        return String.join(
                "\0",
                original.path("auditID").asText(),
                original.path("stage").asText(),
                original.path("requestReceivedTimestamp").asText(),
                original.path("stageTimestamp").asText(),
                original.path("verb").asText(),
                original.path("requestURI").asText(),
                original.path("user").path("username").asText(),
                original.path("sourceIPs").toString());
    }

    private static DecodedCall call(ObjectNode original) {
        var status = original.path("responseStatus");
        var failed = status.path("code").asInt(0) >= 400;
        var name = name(original);
        return new DecodedCall(
                name,
                null,
                text(original.path("objectRef").path("apiVersion")),
                Limits.document(parameters(original)),
                failed || name.readOnly()
                        ? null
                        : Limits.document(object(original.path("responseObject"))),
                failed ? code(status) : panic(original),
                failed ? text(status.path("message")) : null,
                text(original.path("auditID")),
                List.of(),
                null);
    }

    /// `create` of `pods/exec` is `CreatePodsExec`; what is no resource is named by its verb alone.
    private static Named name(ObjectNode original) {
        var verb = original.path("verb").asText("");
        var object = original.path("objectRef");
        var subresource = object.path("subresource").asText("");
        return new Named(
                EVENT_SOURCE,
                EventNames.of(
                        verb.equals("deletecollection") ? "delete-collection" : verb,
                        object.path("resource").asText(verb.isEmpty() ? "" : "path"),
                        subresource),
                READS.contains(verb) && !ENTRANCES.contains(subresource),
                true);
    }

    private static ObjectNode parameters(ObjectNode original) {
        var parameters = JsonNodeFactory.instance.objectNode();
        if (original.path("objectRef") instanceof ObjectNode object) {
            parameters.setAll(object);
        }
        var address = original.path("requestURI").asText("");
        if (!address.isEmpty()) {
            parameters.put("requestURI", Shown.withoutSecrets(address));
        }
        var impersonated = original.path("impersonatedUser").path("username").asText("");
        if (!impersonated.isEmpty()) {
            parameters.put("impersonatedUser", impersonated);
        }
        var object = Limits.document(object(original.path("requestObject")));
        if (object != null) {
            parameters.set("requestObject", object);
        }
        return parameters;
    }

    private static @Nullable JsonNode object(JsonNode node) {
        return node instanceof ObjectNode object ? Shown.withoutSecrets(object) : null;
    }

    private static void hideSecrets(ObjectNode original) {
        var object = original.path("objectRef");
        var resource = object.path("resource").asText("");
        var subresource = object.path("subresource").asText("");
        if (SECRETS.contains(resource) || SECRETS.contains(resource + "/" + subresource)) {
            for (var member : List.of("requestObject", "responseObject")) {
                if (original.has(member)) {
                    original.set(member, TextNode.valueOf(RecordStyle.HIDDEN));
                }
            }
        }
    }

    private static String code(JsonNode status) {
        var reason = status.path("reason").asText("");
        return reason.isEmpty() ? "Http" + status.path("code").asInt() : reason;
    }

    private static @Nullable String panic(ObjectNode original) {
        return original.path("stage").asText().equals("Panic") ? "Panic" : null;
    }

    /// Who authenticated, and not whom they act as.
    private static ObjectNode identity(JsonNode user, String account) {
        var name = user.path("username").asText("");
        var uid = user.path("uid").asText("");
        var identity = JsonNodeFactory.instance.objectNode();
        if (name.isEmpty()) {
            return identity.put("type", "Unknown").put("principalId", "").put("accountId", account);
        }
        return identity.put(
                        "type",
                        name.startsWith(SERVICE_ACCOUNT)
                                ? "KubernetesServiceAccount"
                                : "KubernetesUser")
                .put("principalId", uid.isEmpty() ? name : uid)
                .put("accountId", account)
                .put("userName", name);
    }

    /// The last address is the one that the API server saw itself; those before it are told by
    /// clients and proxies.
    private static @Nullable String address(JsonNode addresses) {
        return addresses.isEmpty() ? null : text(addresses.path(addresses.size() - 1));
    }

    private static @Nullable String text(JsonNode node) {
        var text = node.asText("");
        return text.isEmpty() ? null : text;
    }
}
