package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What our record of a call differs in from AWS's.
record Comparison(JsonNode real, DecodedCall ours, List<String> unknown) {

    private static final Pattern DATE =
            Pattern.compile(
                    "[A-Z][a-z]{2} [0-9]{1,2}, [0-9]{4},? [0-9]{1,2}:[0-9]{2}:[0-9]{2}.[AP]M");

    private static final Pattern ISO =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?Z");

    /// Each difference, as `field: what`; paths without numbers of items, so that alike ones are
    /// one.
    Set<String> differences() {
        var all = new TreeSet<String>();
        differ(all, "eventSource", real.path("eventSource").asText(), ours.name().eventSource());
        differ(all, "eventName", real.path("eventName").asText(), ours.name().eventName());
        if (real.has("readOnly")) {
            differ(
                    all,
                    "readOnly",
                    real.path("readOnly").asText(),
                    String.valueOf(ours.name().readOnly()));
        }
        if (real.has("eventCategory")) {
            differ(
                    all,
                    "eventCategory",
                    real.path("eventCategory").asText(),
                    ours.name().eventCategory());
        }
        differ(all, "errorCode", text(real, "errorCode"), ours.errorCode());
        if (real.has("errorMessage")) {
            differ(all, "errorMessage", text(real, "errorMessage"), ours.errorMessage());
        }
        differ(all, "requestID", text(real, "requestID"), ours.requestId());
        document(all, "requestParameters", ours.requestParameters());
        document(all, "responseElements", ours.responseElements());
        resources(all);
        if (real.path("eventVersion").asText().compareTo("1.05") >= 0) {
            additional(all);
        }
        return all;
    }

    private static @Nullable String text(JsonNode record, String field) {
        return record.path(field).isTextual() ? record.path(field).textValue() : null;
    }

    private static void differ(
            Set<String> all, String field, @Nullable String theirs, @Nullable String mine) {
        if (theirs == null ? mine != null : !theirs.equals(mine)) {
            boolean names = field.equals("errorMessage") || field.equals("requestID");
            all.add(field + (names ? "" : ": " + theirs + ", ours " + mine));
        }
    }

    private void document(Set<String> all, String field, @Nullable JsonNode mine) {
        Map<String, String> theirs = leaves(real.path(field));
        Map<String, String> own = leaves(mine == null ? JsonNodeFactory.instance.nullNode() : mine);
        var paths = new HashSet<>(theirs.keySet());
        paths.addAll(own.keySet());
        for (String path : paths) {
            String plain = field + "." + path.replaceAll("\\[[0-9]+]", "[]");
            String wanted = theirs.get(path);
            String got = own.get(path);
            if (wanted == null) {
                all.add(plain + ": only ours");
            } else if (got == null) {
                all.add(plain + (isUnknown(plain) ? ": not in the model" : ": missing"));
            } else if (!wanted.equals(got)) {
                all.add(plain + ": shown otherwise");
            }
        }
    }

    private boolean isUnknown(String path) {
        return unknown.stream().anyMatch(path::startsWith);
    }

    /// Every leaf, by path: its value, so spelt that what is only the spelling of an older Java is
    /// the same.
    private static Map<String, String> leaves(JsonNode document) {
        var leaves = new TreeMap<String, String>();
        leaves(document, "", leaves);
        return leaves;
    }

    private static void leaves(JsonNode node, String path, Map<String, String> into) {
        if (node.isObject() && !node.isEmpty()) {
            for (var field : node.properties()) {
                leaves(
                        field.getValue(),
                        path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                        into);
            }
        } else if (node.isArray() && !node.isEmpty()) {
            for (int i = 0; i < node.size(); i++) {
                leaves(node.path(i), path + "[" + i + "]", into);
            }
        } else if (!path.isEmpty()) {
            into.put(path, leaf(node));
        }
    }

    private static String leaf(JsonNode node) {
        if (node.isTextual() && DATE.matcher(node.textValue()).matches()) {
            return "date " + Instant.ofEpochSecond(Unstyled.moment(node).asLong());
        }
        if (node.isNumber()) {
            return "number " + node.decimalValue().stripTrailingZeros().toPlainString();
        }
        if (node.isTextual() && ISO.matcher(node.textValue()).matches()) {
            // Made with milliseconds at most: finer ones cannot have arrived.
            return "moment " + Instant.parse(node.textValue()).truncatedTo(ChronoUnit.MILLIS);
        }
        return node.getNodeType() + " " + node.asText();
    }

    private void resources(Set<String> all) {
        var theirs = new TreeSet<String>();
        for (JsonNode resource : real.path("resources")) {
            theirs.add(
                    resource.path("type").asText("none")
                            + " "
                            + resource.path("ARN").asText()
                            + resource.path("ARNPrefix").asText());
        }
        var own = new TreeSet<String>();
        for (var resource : ours.resources()) {
            own.add((resource.type() == null ? "none" : resource.type()) + " " + resource.arn());
        }
        if (!theirs.equals(own)) {
            var types = new ArrayList<String>();
            own.forEach(arn -> types.add(type(arn)));
            all.add(
                    "resources: "
                            + theirs.stream().map(arn -> type(arn)).distinct().toList()
                            + ", ours "
                            + types.stream().distinct().toList());
        }
    }

    private static String type(String resource) {
        return resource.substring(0, resource.indexOf(' '));
    }

    private void additional(Set<String> all) {
        var theirs = names(real.path("additionalEventData"));
        var own =
                names(
                        ours.additionalEventData() == null
                                ? JsonNodeFactory.instance.nullNode()
                                : ours.additionalEventData());
        if (!theirs.equals(own)) {
            all.add("additionalEventData: " + theirs + ", ours " + own);
        }
    }

    private static Set<String> names(JsonNode object) {
        var names = new TreeSet<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
