package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

/// What an SDK sends to EC2, and EC2 answers, made from a record: the judge's own reading of both
/// ages of EC2's records.
final class Ec2Wire {

    /// Members whose parameters are called otherwise.
    private static final Map<String, String> WIRE =
            Map.ofEntries(
                    Map.entry("zone", "AvailabilityZone"),
                    Map.entry("aclProtocol", "Protocol"),
                    Map.entry("icmpTypeCode", "Icmp"),
                    Map.entry("blockDeviceMapping", "BlockDeviceMapping"),
                    Map.entry("networkInterfaceSet", "NetworkInterface"),
                    Map.entry("privateIpAddressesSet", "PrivateIpAddresses"),
                    Map.entry("tagSpecificationSet", "TagSpecification"),
                    Map.entry("tagSet", "Tag"),
                    Map.entry("filterSet", "Filter"),
                    Map.entry("dhcpConfigurationSet", "DhcpConfiguration"),
                    Map.entry("tenancy", "Placement.Tenancy"));

    private static final Set<String> MILLIS =
            Set.of("createTime", "startTime", "launchTime", "attachTime");

    private Ec2Wire() {}

    static String request(String operation, JsonNode parameters) {
        var form = new StringBuilder();
        Wire.add(form, "Action", operation);
        Wire.add(form, "Version", "2016-11-15");
        if (parameters.isObject()) {
            if (parameters.size() == 1
                    && Character.isUpperCase(parameters.fieldNames().next().charAt(0))) {
                young(form, "", parameters.iterator().next());
            } else {
                old(form, operation, parameters);
            }
        }
        return form.toString();
    }

    private static void young(StringBuilder form, String prefix, JsonNode value) {
        if (!value.isObject()) {
            return;
        }
        for (var field : value.properties()) {
            String name = prefix + field.getKey();
            JsonNode inner = field.getValue();
            if (inner.isArray()) {
                inner.forEach(item -> tagged(form, name, item));
            } else if (inner.isObject() && inner.has("tag")) {
                tagged(form, name, inner);
            } else if (inner.isObject()) {
                young(form, name + ".", inner);
            } else {
                Wire.add(form, name, unmasked(inner.asText()));
            }
        }
    }

    private static void tagged(StringBuilder form, String name, JsonNode item) {
        String at = name + "." + item.path("tag").asText();
        if (item.has("content")) {
            Wire.add(form, at, item.path("content").asText());
        } else {
            ObjectNode rest = item.deepCopy();
            rest.remove("tag");
            young(form, at + ".", rest);
        }
    }

    private static String unmasked(String text) {
        return Unstyled.MASKS.contains(text) ? "a secret" : text;
    }

    private static void old(StringBuilder form, String operation, JsonNode parameters) {
        for (var field : parameters.properties()) {
            String key = field.getKey();
            JsonNode value = field.getValue();
            if (operation.equals("RunInstances") && key.equals("instancesSet")) {
                old(form, operation, value.path("items").path(0));
            } else if (operation.equals("RunInstances") && key.equals("availabilityZone")) {
                Wire.add(form, "Placement.AvailabilityZone", value.asText());
            } else if (key.equals("attributeType")) {
                Wire.add(
                        form,
                        "Attribute",
                        value.asText().equals("launchPermission")
                                ? "launchPermission"
                                : "createVolumePermission");
            } else if (operation.equals("ModifyInstanceAttribute") && key.equals("userData")) {
                Wire.add(form, "UserData.Value", "c2VjcmV0");
            } else {
                member(form, "", operation, key, value);
            }
        }
    }

    private static void member(
            StringBuilder form, String prefix, String operation, String key, JsonNode value) {
        String wire = WIRE.getOrDefault(key, upper(key));
        boolean items = value.path("items").isArray() || value.path("item").isArray();
        if (value.isObject() && items) {
            list(
                    form,
                    prefix,
                    operation,
                    key,
                    wire,
                    value.has("items") ? value.path("items") : value.path("item"));
        } else if (value.isObject()) {
            for (var field : value.properties()) {
                member(form, prefix + wire + ".", operation, field.getKey(), field.getValue());
            }
            if (value.isEmpty() && key.equals("noDevice")) {
                Wire.add(form, prefix + wire, "");
            }
        } else if (value.isArray()) {
            list(form, prefix, operation, key, upper(singular(key)), value);
        } else {
            Wire.add(form, prefix + wire, unmasked(value.asText()));
        }
    }

    private static String singular(String key) {
        return key.endsWith("s") ? key.substring(0, key.length() - 1) : key;
    }

    private static void list(
            StringBuilder form,
            String prefix,
            String operation,
            String key,
            String wire,
            JsonNode items) {
        int i = 0;
        for (JsonNode item : items) {
            i++;
            boolean structures =
                    WIRE.containsKey(key)
                            || prefix.contains("Permission")
                            || key.startsWith("ipPerm")
                            || key.equals("tags");
            if (structures) {
                String at = prefix + (key.equals("valueSet") ? "Value" : wire) + "." + i;
                for (var field : item.properties()) {
                    if (field.getKey().equals("valueSet")) {
                        int j = 0;
                        for (JsonNode value : field.getValue().path("items")) {
                            Wire.add(form, at + ".Value." + ++j, value.path("value").asText());
                        }
                    } else {
                        member(form, at + ".", operation, field.getKey(), field.getValue());
                    }
                }
            } else {
                var only = item.properties().iterator().next();
                Wire.add(
                        form,
                        prefix + itemWire(key, only.getKey()) + "." + i,
                        only.getValue().asText());
            }
        }
    }

    private static String itemWire(String key, String item) {
        if (item.equals("user")) {
            return key.equals("sharedUsersSet") ? "RestorableBy" : "ExecutableBy";
        }
        if (item.equals("groupId") && key.equals("groupSet")) {
            return "SecurityGroupId";
        }
        return item.equals("owner") ? "Owner" : upper(item);
    }

    private static String upper(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }

    static String answer(String operation, JsonNode elements) {
        var xml = new StringBuilder();
        if (elements.isObject() && elements.has(operation + "Response")) {
            JsonNode inner = elements.path(operation + "Response");
            xml.append('<').append(operation).append("Response");
            if (inner.has("xmlns")) {
                xml.append(" xmlns=\"").append(inner.path("xmlns").asText()).append('"');
            }
            xml.append('>');
            for (var field : inner.properties()) {
                if (!field.getKey().equals("xmlns")) {
                    plain(xml, field.getKey(), field.getValue());
                }
            }
        } else {
            xml.append('<').append(operation).append("Response>");
            for (var field : elements.properties()) {
                styled(xml, operation, field.getKey(), field.getValue());
            }
        }
        return xml.append("</").append(operation).append("Response>").toString();
    }

    private static void plain(StringBuilder xml, String name, JsonNode value) {
        if (value instanceof ArrayNode array) {
            array.forEach(item -> plain(xml, name, item));
            return;
        }
        xml.append('<').append(name).append('>');
        if (value.isObject()) {
            value.properties().forEach(field -> plain(xml, field.getKey(), field.getValue()));
        } else {
            xml.append(escaped(unmasked(value.asText())));
        }
        xml.append("</").append(name).append('>');
    }

    private static void styled(StringBuilder xml, String operation, String key, JsonNode value) {
        String name =
                switch (key) {
                    case "_return" -> "return";
                    case "zone" -> operation.equals("CreateVolume") ? "availabilityZone" : key;
                    default -> key;
                };
        xml.append('<').append(name).append('>');
        JsonNode items = value.has("items") ? value.path("items") : value.path("item");
        if (items.isArray()) {
            for (JsonNode item : items) {
                xml.append("<item>");
                if (item.isObject()) {
                    item.properties()
                            .forEach(field ->
                                    styled(xml, operation, field.getKey(), field.getValue()));
                } else {
                    xml.append(escaped(item.asText()));
                }
                xml.append("</item>");
            }
        } else if (value.isObject()) {
            value.properties()
                    .forEach(field -> styled(xml, operation, field.getKey(), field.getValue()));
        } else if (MILLIS.contains(key) && value.isNumber()) {
            xml.append(Instant.ofEpochMilli(value.asLong()));
        } else {
            xml.append(escaped(unmasked(value.asText())));
        }
        xml.append("</").append(name).append('>');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
