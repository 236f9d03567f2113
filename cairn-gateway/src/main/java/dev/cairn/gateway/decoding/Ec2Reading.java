package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.protocol.CallReader.Asked;
import dev.cairn.aws.style.RecordStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Calls to EC2, whose records have two ages. Operations of before 2015 are shown as their SOAP
/// interface had them: lists in `items` of a `…Set`, the sets of a description there even when
/// empty, moments in milliseconds. Later ones are the request and the answer as XML, turned into
/// JSON without knowing what is a list: `{"DescribeHostsRequest":{"MaxResults":500}}`.
record Ec2Reading(Kinds kinds) {

    static final String REMOVED = "<sensitiveDataRemoved>";
    private static final String NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Requests that are not called `…Request`.
    private static final Map<String, String> WRAPPERS =
            Map.of("DeleteTransitGatewayVpcAttachment", "DelTGwVpcAttachReq");

    /// Secrets that EC2 removes.
    private static final Set<String> SECRETS =
            Set.of("UserData", "userData", "KeyMaterial", "keyMaterial", "passwordData");

    DecodedCall decode(Asked asked, Named name, ObservedCall call, @Nullable String region) {
        String operation = asked.operation().name();
        boolean old = Ec2OldStyle.has(operation);
        Refused refused = refused(call);
        Element answer = refused.code() == null && !name.readOnly() ? answer(call.answer()) : null;
        return new DecodedCall(
                name,
                region,
                null,
                Limits.document(parameters(asked, call, old)),
                answer == null
                        ? null
                        : Limits.document(
                                old
                                        ? Ec2OldStyle.elements(asked, answer)
                                        : elements(operation, answer)),
                refused.code(),
                refused.message(),
                refused.requestId(),
                List.of(),
                null);
    }

    private static @Nullable JsonNode parameters(Asked asked, ObservedCall call, boolean old) {
        Kept body = call.requestBody();
        if (body.cut()) {
            return null;
        }
        Parameters parameters =
                body.bytes().length > 0
                        ? PlainReading.form(body.bytes())
                        : Parameters.of(call.request().rawQuery());
        ParameterBranch tree = ParameterBranch.of(parameters);
        if (old) {
            return Ec2OldStyle.parameters(asked, tree);
        }
        String operation = asked.operation().name();
        ObjectNode wrapped = NODES.objectNode();
        wrapped.set(
                WRAPPERS.getOrDefault(operation, operation + "Request"),
                tree.children().isEmpty() ? NODES.textNode("") : asXml(tree));
        return wrapped;
    }

    /// A request as the JSON of the XML that it would be: items of lists have a `tag` with their
    /// number.
    private static JsonNode asXml(ParameterBranch tree) {
        ObjectNode object = NODES.objectNode();
        tree.children()
                .forEach((name, child) -> {
                    if (child.numbered()) {
                        for (int i = 0; i < child.items().size(); i++) {
                            Element.accumulate(
                                    object, name, item(name, child.items().get(i), i + 1));
                        }
                    } else {
                        object.set(
                                name,
                                child.children().isEmpty() ? value(name, child) : asXml(child));
                    }
                });
        return object;
    }

    private static JsonNode item(String name, ParameterBranch item, int number) {
        ObjectNode object =
                item.children().isEmpty() ? NODES.objectNode() : (ObjectNode) asXml(item);
        if (item.children().isEmpty()) {
            object.set("content", value(name, item));
        }
        return object.put("tag", number);
    }

    private static JsonNode value(String name, ParameterBranch branch) {
        return SECRETS.contains(name) || RecordStyle.secret(name)
                ? NODES.textNode(REMOVED)
                : Element.value(branch.value());
    }

    private static JsonNode elements(String operation, Element answer) {
        ObjectNode wrapped = NODES.objectNode();
        JsonNode json = answer.json();
        if (json instanceof ObjectNode object && !object.has("xmlns")) {
            object.put("xmlns", NAMESPACE);
        }
        removeSecrets(json);
        wrapped.set(operation + "Response", json);
        return wrapped;
    }

    static void removeSecrets(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (String name : List.copyOf(names(object))) {
                if (SECRETS.contains(name) || RecordStyle.secret(name)) {
                    object.put(name, REMOVED);
                } else {
                    removeSecrets(object.path(name));
                }
            }
        } else if (node instanceof ArrayNode array) {
            array.forEach(Ec2Reading::removeSecrets);
        }
    }

    private static List<String> names(ObjectNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static @Nullable Element answer(Answer answer) {
        return answer instanceof Answer.Given given && !given.body().cut()
                ? Element.read(given.body().bytes()).orElse(null)
                : null;
    }

    /// EC2's errors say whose fault it was.
    private static Refused refused(ObservedCall call) {
        Refused said = Refused.of(call.answer(), call.request().method());
        if (said.code() == null) {
            return said.withIdOf(call.answer());
        }
        if (!(call.answer() instanceof Answer.Given given)) {
            return said;
        }
        String side = given.status() < 500 ? "Client." : "Server.";
        boolean already = said.code().startsWith("Client.") || said.code().startsWith("Server.");
        return new Refused(
                already ? said.code() : side + said.code(), said.message(), said.requestId());
    }
}
