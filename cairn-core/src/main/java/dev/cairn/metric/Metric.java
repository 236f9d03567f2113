package dev.cairn.metric;

import dev.cairn.event.Place;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What names a metric. The same name with other dimensions is another metric.
///
/// @param place whose it is
/// @param namespace for which [#isName] holds
/// @param name for which [#isName] holds
/// @param dimensions at most [#DIMENSIONS_MAX], by name
public record Metric(
        Place place, String namespace, String name, SortedMap<String, String> dimensions) {
    /// The most dimensions of a metric.
    public static final int DIMENSIONS_MAX = 30;

    /// Namespaces that begin so are AWS's services' own.
    public static final String RESERVED = "AWS/";

    private static final int NAME_CHARS_MAX = 255;
    private static final int ID_BYTES = 16;

    public Metric {
        dimensions = Collections.unmodifiableSortedMap(new TreeMap<>(dimensions));
    }

    public Metric(Place place, String namespace, String name, Map<String, String> dimensions) {
        this(place, namespace, name, new TreeMap<>(dimensions));
    }

    /// Whether a namespace or a metric may be called so: 1 to 255 printable characters of ASCII.
    public static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= NAME_CHARS_MAX
                && text.chars().allMatch(c -> c >= ' ' && c <= '~');
    }

    /// Its key in the catalog: an account's metrics of a region and a name stand together.
    String key() {
        return prefix(place, namespace, name) + id();
    }

    /// What the keys of an account's metrics in a region begin with.
    static String prefix(Place place) {
        return place.account() + '/' + place.region() + '/';
    }

    /// What the keys of the metrics of a namespace begin with.
    static String prefix(Place place, String namespace) {
        return prefix(place) + escaped(namespace) + '|';
    }

    /// What the keys of the metrics of a name begin with.
    static String prefix(Place place, String namespace, String name) {
        return prefix(place, namespace) + escaped(name) + '|';
    }

    /// What the keys of its values begin with.
    String valuesPrefix() {
        return prefix(place) + id() + '/';
    }

    private static String escaped(String text) {
        return text.replace("%", "%0").replace("|", "%1");
    }

    /// Tells it from the other metrics of its place: dimensions may be longer than a key.
    private String id() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            update(sha, namespace);
            update(sha, name);
            dimensions.forEach((dimension, value) -> {
                update(sha, dimension);
                update(sha, value);
            });
            return HexFormat.of().formatHex(sha.digest(), 0, ID_BYTES);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private static void update(MessageDigest sha, String text) {
        sha.update(text.getBytes(StandardCharsets.UTF_8));
        // No text of UTF-8 has this byte.
        sha.update((byte) 0xFF);
    }
}
