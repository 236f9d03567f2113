package dev.cairn.gateway.decoding;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.aws.protocol.CallReader.Asked;
import dev.cairn.aws.shape.Member;
import dev.cairn.aws.shape.Shape;
import dev.cairn.aws.style.RecordStyle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// EC2's requests and answers as its SOAP interface of before 2015 had them. Which operations, and
/// what their lists are called, stands in `ec2-old.txt`.
final class Ec2OldStyle {

    private static final String TABLE = "ec2-old.txt";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /// Lists that are called the same wherever they are.
    private static final Map<String, Part> COMMON =
            Map.of(
                    "Filter", new Part("filterSet", "Filter"),
                    "TagSpecification", new Part("tagSpecificationSet", "TagSpecification"),
                    "Tag", new Part("tagSet", "Tag"),
                    "BlockDeviceMapping", new Part("blockDeviceMapping", "BlockDeviceMapping"),
                    "NetworkInterface", new Part("networkInterfaceSet", "NetworkInterface"),
                    "PrivateIpAddresses", new Part("privateIpAddressesSet", "PrivateIpAddresses"),
                    "SecurityGroupId",
                            new Part("groupSet", "SecurityGroupId", "groupId", false, false),
                    "SecurityGroup",
                            new Part("groupSet", "SecurityGroup", "groupName", false, false));

    /// Lists in a permission of a security group, there even when empty.
    private static final List<String> IN_PERMISSION =
            List.of("groups", "ipRanges", "ipv6Ranges", "prefixListIds");

    /// What RunInstances says of each instance rather than of all.
    private static final List<String> OF_INSTANCE =
            List.of("imageId", "keyName", "minCount", "maxCount");

    private static final Map<String, Operation> OPERATIONS = read();

    /// A member that is not called as on the wire.
    ///
    /// @param item what a list's texts are called; empty for lists of structures
    /// @param always whether it is there even when the request has none
    /// @param singular whether a list's items are in `item`, for whatever reason
    private record Part(String name, String wire, String item, boolean always, boolean singular) {

        Part(String name, String wire) {
            this(name, wire, "", false, false);
        }
    }

    private record Operation(Map<String, Part> parts, Set<String> texts) {}

    private Ec2OldStyle() {}

    private static Map<String, Operation> read() {
        try (InputStream in = Ec2OldStyle.class.getResourceAsStream(TABLE)) {
            if (in == null) {
                throw new IllegalStateException("expected the resource " + TABLE);
            }
            var operations = new HashMap<String, Operation>();
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" ", -1))
                    .forEach(words -> operations.put(words[0], operation(words)));
            return Map.copyOf(operations);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Operation operation(String[] words) {
        var parts = new HashMap<String, Part>();
        var texts = new HashSet<String>();
        for (int i = 1; i < words.length; i++) {
            String word = words[i];
            if (word.startsWith("\"")) {
                texts.add(word.substring(1));
                continue;
            }
            boolean singular = word.endsWith("?");
            boolean always = singular || word.endsWith("!");
            String[] sides =
                    (always ? word.substring(0, word.length() - 1) : word).split("[<=]", 2);
            String[] wire = sides[1].split(":", 2);
            parts.put(
                    wire[0],
                    new Part(sides[0], wire[0], wire.length > 1 ? wire[1] : "", always, singular));
        }
        return new Operation(parts, texts);
    }

    /// Whether the operation is that old.
    static boolean has(String operation) {
        return OPERATIONS.containsKey(operation);
    }

    private static Operation operation(String name) {
        return Optional.ofNullable(OPERATIONS.get(name)).orElseThrow();
    }

    static JsonNode parameters(Asked asked, ParameterBranch tree) {
        String name = asked.operation().name();
        Operation operation = operation(name);
        Optional<Shape.Structure> input = asked.operation().input();
        ObjectNode shown = NODES.objectNode();
        var seen = new HashSet<String>();
        if (input.isPresent()) {
            for (Member member : input.get().members().values()) {
                String wire = wire(member);
                seen.add(wire);
                ParameterBranch branch = tree.children().get(wire);
                if (branch != null) {
                    add(shown, operation.parts, wire, member, branch);
                }
            }
        }
        tree.children()
                .forEach((wire, branch) -> {
                    if (!seen.contains(wire) && branch.children().isEmpty()) {
                        shown.set(RecordStyle.lowerCamel(wire), untyped(branch.value()));
                    }
                });
        for (Part part : operation.parts.values()) {
            if (part.always && !shown.has(part.name)) {
                shown.putObject(part.name);
            }
        }
        special(name, tree, shown);
        return shown;
    }

    /// A member's name in requests.
    private static String wire(Member member) {
        return member.queryName()
                .or(() ->
                        member.locationName()
                                .map(name ->
                                        Character.toUpperCase(name.charAt(0)) + name.substring(1)))
                .orElse(member.name());
    }

    private static void add(
            ObjectNode shown,
            Map<String, Part> parts,
            String wire,
            Member member,
            ParameterBranch branch) {
        Part part = parts.getOrDefault(wire, COMMON.get(wire));
        String name = part == null ? RecordStyle.lowerCamel(wire) : part.name;
        if (secret(name) || member.shape().sensitive()) {
            shown.put(name, Ec2Reading.REMOVED);
        } else if (member.shape() instanceof Shape.Listing listing) {
            ArrayNode items = NODES.arrayNode();
            for (ParameterBranch item : branch.items()) {
                items.add(item(listing, part == null ? "" : part.item, wire, item));
            }
            ObjectNode there =
                    shown.get(name) instanceof ObjectNode object ? object : shown.putObject(name);
            String key = part != null && part.singular ? "item" : "items";
            if (there.get(key) instanceof ArrayNode more) {
                more.addAll(items);
            } else {
                there.set(key, items);
            }
        } else {
            shown.set(name, value(member.shape(), branch));
        }
    }

    private static boolean secret(String name) {
        return name.equals("userData") || name.equals("keyMaterial") || RecordStyle.secret(name);
    }

    private static JsonNode item(
            Shape.Listing listing, String itemName, String wire, ParameterBranch branch) {
        if (listing.item().shape() instanceof Shape.Structure structure) {
            return switch (wire) {
                case "Filter" -> filter(branch);
                case "TagSpecification" -> tagSpecification(branch);
                default -> structure(structure, branch);
            };
        }
        ObjectNode item = NODES.objectNode();
        item.set(
                itemName.isEmpty() ? RecordStyle.lowerCamel(wire) : itemName,
                value(listing.item().shape(), branch));
        return item;
    }

    private static JsonNode filter(ParameterBranch branch) {
        ObjectNode filter = NODES.objectNode();
        ParameterBranch name = branch.children().get("Name");
        filter.put("name", name == null ? "" : name.value());
        ParameterBranch values = branch.children().get("Value");
        ObjectNode set = filter.putObject("valueSet");
        if (values != null) {
            ArrayNode items = set.putArray("items");
            values.items().forEach(value -> items.addObject().put("value", value.value()));
        }
        return filter;
    }

    private static JsonNode tagSpecification(ParameterBranch branch) {
        ObjectNode specification = NODES.objectNode();
        ParameterBranch type = branch.children().get("ResourceType");
        if (type != null) {
            specification.put("resourceType", type.value());
        }
        ArrayNode tags = specification.putArray("tags");
        ParameterBranch given = branch.children().get("Tag");
        if (given != null) {
            for (ParameterBranch tag : given.items()) {
                ObjectNode shown = tags.addObject();
                tag.children()
                        .forEach((name, value) ->
                                shown.put(RecordStyle.lowerCamel(name), value.value()));
            }
        }
        return specification;
    }

    private static ObjectNode structure(Shape.Structure structure, ParameterBranch branch) {
        ObjectNode shown = NODES.objectNode();
        for (Member member : structure.members().values()) {
            String wire = wire(member);
            ParameterBranch child = branch.children().get(wire);
            if (child != null) {
                add(shown, Map.of(), wire, member, child);
            }
        }
        if (structure.name().equals("IpPermission")) {
            for (String list : IN_PERMISSION) {
                if (!shown.has(list)) {
                    shown.putObject(list);
                }
            }
        }
        return shown;
    }

    private static JsonNode value(Shape shape, ParameterBranch branch) {
        if (shape instanceof Shape.Structure structure) {
            return structure(structure, branch);
        }
        return value(shape, branch.value());
    }

    /// A text as the value it stands for; what is not of its type stays a text.
    private static JsonNode value(Shape shape, String text) {
        return switch (shape) {
            case Shape.Flag _ when text.equalsIgnoreCase("true") -> NODES.booleanNode(true);
            case Shape.Flag _ when text.equalsIgnoreCase("false") -> NODES.booleanNode(false);
            case Shape.Numeric _ -> {
                JsonNode number = Element.value(text);
                yield number.isNumber() ? number : NODES.textNode(text);
            }
            case Shape.Timestamp _ -> millis(text);
            default -> text.isEmpty() ? NODES.objectNode() : NODES.textNode(text);
        };
    }

    /// A value of no known type: truth values are plain enough.
    private static JsonNode untyped(String text) {
        return text.equals("true") || text.equals("false")
                ? NODES.booleanNode(text.equals("true"))
                : NODES.textNode(text);
    }

    private static JsonNode millis(String text) {
        try {
            return NODES.numberNode(Instant.parse(text).toEpochMilli());
        } catch (DateTimeException _) {
            return NODES.textNode(text);
        }
    }

    private static void special(String name, ParameterBranch tree, ObjectNode shown) {
        switch (name) {
            case "RunInstances" -> {
                ObjectNode instance = NODES.objectNode();
                for (String member : OF_INSTANCE) {
                    if (shown.has(member)) {
                        instance.set(member, shown.remove(member));
                    }
                }
                shown.putObject("instancesSet").putArray("items").add(instance);
                flatten(shown, "placement");
            }
            case "CreateVolume" -> {
                if (shown.has("size")) {
                    shown.put("size", shown.path("size").asText());
                }
            }
            case "ModifyImageAttribute" ->
                    permission(shown, tree, "launchPermission", "launchPermission");
            case "ModifySnapshotAttribute" ->
                    permission(shown, tree, "createVolumePermission", "CREATE_VOLUME_PERMISSION");
            case "ModifyInstanceAttribute" -> {
                if (shown.has("value")) {
                    shown.put("value", Ec2Reading.REMOVED);
                }
            }
            case "DescribeVpcAttribute" -> shown.remove("attribute");
            default -> {}
        }
    }

    private static void flatten(ObjectNode shown, String member) {
        if (shown.remove(member) instanceof ObjectNode inner) {
            inner.properties().forEach(field -> shown.set(field.getKey(), field.getValue()));
        }
    }

    /// Who may use a thing: given as a structure, or the older way as an operation and users.
    private static void permission(
            ObjectNode shown, ParameterBranch tree, String member, String type) {
        String way = shown.path("operationType").asText();
        var who = new ArrayList<JsonNode>();
        for (String list : List.of("UserId", "UserGroup")) {
            ParameterBranch given = tree.children().get(list);
            shown.remove(RecordStyle.lowerCamel(list));
            if (given != null) {
                for (ParameterBranch item : given.items()) {
                    who.add(
                            NODES.objectNode()
                                    .put(list.equals("UserId") ? "userId" : "group", item.value()));
                }
            }
        }
        if (!way.isEmpty() && !who.isEmpty()) {
            shown.remove("operationType");
            shown.putObject(member).putObject(way).putArray("items").addAll(who);
        }
        if (shown.has(member)) {
            shown.remove("attribute");
            shown.put("attributeType", type);
        }
    }

    static JsonNode elements(Asked asked, Element answer) {
        Shape shape = asked.operation().output().map(Shape.class::cast).orElse(null);
        ObjectNode shown = structure(answer, shape);
        for (String text : operation(asked.operation().name()).texts) {
            if (shown.has(text)) {
                shown.put(text, shown.path(text).asText());
            }
        }
        if (asked.operation().name().equals("CreateVolume") && shown.has("availabilityZone")) {
            shown.set("zone", shown.remove("availabilityZone"));
        }
        return shown;
    }

    private static ObjectNode structure(Element element, @Nullable Shape shape) {
        ObjectNode shown = NODES.objectNode();
        for (Element child : element.children()) {
            String name = child.name().equals("return") ? "_return" : child.name();
            Shape inner =
                    shape instanceof Shape.Structure structure ? inner(structure, child) : null;
            if (secret(name) || (inner != null && inner.sensitive())) {
                shown.put(name, Ec2Reading.REMOVED);
                continue;
            }
            JsonNode value = value(child, inner);
            if (value != null) {
                shown.set(name, value);
            }
        }
        return shown;
    }

    private static @Nullable Shape inner(Shape.Structure structure, Element child) {
        for (Member member : structure.members().values()) {
            if (member.wireName().equals(child.name())) {
                return member.shape();
            }
        }
        return null;
    }

    /// @return null for an empty text, which records leave out
    private static @Nullable JsonNode value(Element element, @Nullable Shape shape) {
        if (element.children().isEmpty()) {
            String text = element.text().strip();
            if (text.isEmpty()) {
                return shape instanceof Shape.Text ? null : NODES.objectNode();
            }
            return shape == null ? untyped(text) : value(shape, text);
        }
        if (element.child("item").isEmpty()) {
            return structure(element, shape);
        }
        Shape item = shape instanceof Shape.Listing listing ? listing.item().shape() : null;
        ArrayNode items = NODES.arrayNode();
        for (Element child : element.children()) {
            JsonNode shown = value(child, item);
            items.add(shown == null ? NODES.textNode("") : shown);
        }
        ObjectNode set = NODES.objectNode();
        set.set(element.name().equals("privateIpAddressesSet") ? "item" : "items", items);
        return set;
    }
}
