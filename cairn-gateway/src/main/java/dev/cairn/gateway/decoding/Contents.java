package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.aws.style.RecordStyle.Secrets;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// What calls carry rather than say: messages, items, lines of logs, parameters of scripts. Records
/// name it and never show it, though models do not mark it as sensitive.
final class Contents {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// By service and operation, members at any depth that are shown masked; with a `*`, each value
    /// in them by itself.
    private static final Map<String, Set<String>> MASKED =
            Map.ofEntries(
                    Map.entry(
                            "appsync CreateResolver",
                            Set.of("requestMappingTemplate", "responseMappingTemplate")),
                    Map.entry(
                            "appsync UpdateResolver",
                            Set.of("requestMappingTemplate", "responseMappingTemplate")),
                    Map.entry("sns Publish", Set.of("message", "subject", "messageAttributes")),
                    Map.entry(
                            "sns PublishBatch", Set.of("message", "subject", "messageAttributes")),
                    Map.entry("sqs SendMessage", Set.of("messageBody", "messageAttributes")),
                    Map.entry("sqs SendMessageBatch", Set.of("messageBody", "messageAttributes")),
                    Map.entry("ssm StartAutomationExecution", Set.of("parameters*")));

    /// By service and operation, or all of its operations, members at any depth that are left out.
    private static final Map<String, Set<String>> LEFT_OUT =
            Map.ofEntries(
                    Map.entry("cloudformation *", Set.of("parameterValue", "templateBody")),
                    Map.entry("bedrock Converse", Set.of("messages", "system", "promptVariables")),
                    Map.entry(
                            "bedrock ConverseStream",
                            Set.of("messages", "system", "promptVariables")),
                    Map.entry("logs PutLogEvents", Set.of("logEvents")),
                    Map.entry("rdsdata BatchExecuteStatement", Set.of("parameterSets", "sql")),
                    Map.entry("rdsdata ExecuteStatement", Set.of("parameters", "sql")),
                    Map.entry(
                            "ses SendEmail",
                            Set.of("message", "content", "rawMessage", "template")),
                    Map.entry("ses SendRawEmail", Set.of("rawMessage")));

    /// Data events whose answers say what was made of what was sent; those of all others are what
    /// was asked for, which is not the record's business.
    private static final Set<String> ANSWERS_SHOWN =
            Set.of(
                    "cognito-identity GetCredentialsForIdentity",
                    "cognito-identity GetId",
                    "kinesis PutRecord",
                    "logs PutLogEvents",
                    "sns Publish",
                    "sns PublishBatch",
                    "sqs SendMessage",
                    "sqs SendMessageBatch");

    /// Of DynamoDB, members that hold values of items, of which the names are shown.
    private static final Map<String, String> ITEMS =
            Map.of(
                    "item", "items",
                    "attributeUpdates", "attributeUpdates",
                    "expected", "expected",
                    "keyConditions", "keyConditions",
                    "queryFilter", "queryFilter",
                    "scanFilter", "scanFilter");

    private static final Set<String> KEYS = Set.of("key", "exclusiveStartKey");
    private static final Pattern LITERAL =
            Pattern.compile("'(?:[^']|'')*'|(?<![A-Za-z0-9_])-?[0-9]+(?:\\.[0-9]+)?");

    private Contents() {}

    /// Whether a record shows the answer of a data event.
    static boolean answerShown(String source, String operation) {
        return ANSWERS_SHOWN.contains(source + " " + operation);
    }

    /// A shown input, without what it only carries.
    static JsonNode without(String source, String operation, JsonNode shown, Secrets way) {
        if (source.equals("dynamodb")) {
            return items(shown);
        }
        String which = source + " " + operation;
        Set<String> masked = MASKED.get(which);
        if (masked != null) {
            mask(shown, masked, way == Secrets.STARS ? "***" : RecordStyle.HIDDEN);
        }
        Set<String> leftOut = LEFT_OUT.getOrDefault(which, LEFT_OUT.get(source + " *"));
        if (leftOut != null) {
            remove(shown, leftOut);
        }
        return shown;
    }

    private static void remove(JsonNode node, Set<String> names) {
        if (node instanceof ObjectNode object) {
            object.remove(names);
        }
        node.forEach(child -> remove(child, names));
    }

    private static void mask(JsonNode node, Set<String> names, String mask) {
        if (node instanceof ObjectNode object) {
            object.properties()
                    .forEach(field -> {
                        if (names.contains(field.getKey())) {
                            field.setValue(NODES.textNode(mask));
                        } else if (names.contains(field.getKey() + "*")) {
                            field.setValue(each(field.getValue(), mask));
                        } else {
                            mask(field.getValue(), names, mask);
                        }
                    });
        } else if (node instanceof ArrayNode array) {
            array.forEach(item -> mask(item, names, mask));
        }
    }

    private static JsonNode each(JsonNode node, String mask) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(field -> field.setValue(each(field.getValue(), mask)));
            return object;
        }
        if (node instanceof ArrayNode array) {
            ArrayNode masked = NODES.arrayNode(array.size());
            array.forEach(item -> masked.add(each(item, mask)));
            return masked;
        }
        return NODES.textNode(mask);
    }

    /// DynamoDB's input: keys as plain values, of items the names of their attributes, statements
    /// without literals.
    private static JsonNode items(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode shown = NODES.arrayNode(array.size());
            array.forEach(item -> shown.add(items(item)));
            return shown;
        }
        if (!(node instanceof ObjectNode object)) {
            return node;
        }
        ObjectNode shown = NODES.objectNode();
        for (var field : object.properties()) {
            String name = field.getKey();
            JsonNode value = field.getValue();
            String names = ITEMS.get(name);
            if (names != null && value.isObject()) {
                ArrayNode attributes = shown.putArray(names);
                value.fieldNames().forEachRemaining(attributes::add);
            } else if (KEYS.contains(name) && value.isObject()) {
                shown.set(name, key(value));
            } else if (name.equals("keys") && value.isArray()) {
                ArrayNode keys = shown.putArray(name);
                value.forEach(key -> keys.add(key(key)));
            } else if (name.equals("statement") && value.isTextual()) {
                shown.put(name, LITERAL.matcher(value.textValue()).replaceAll("***(Redacted)"));
            } else if (!name.equals("expressionAttributeValues") && !name.equals("parameters")) {
                shown.set(name, items(value));
            }
        }
        return shown;
    }

    /// `{"Artist":{"s":"x"}}` as `{"Artist":"x"}`.
    private static JsonNode key(JsonNode key) {
        ObjectNode shown = NODES.objectNode();
        for (var attribute : key.properties()) {
            JsonNode typed = attribute.getValue();
            shown.set(attribute.getKey(), only(typed));
        }
        return shown;
    }

    private static JsonNode only(JsonNode typed) {
        return typed.isObject() && typed.size() == 1 ? typed.elements().next() : typed;
    }
}
