package dev.cairn.gateway.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.aws.shape.ServiceCatalog;
import dev.cairn.testkit.RealData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// For each kind of call among the real records: would Cairn have recorded what AWS recorded?
///
/// The request and the answer that must have caused a record are made from it, by other code than
/// the one under test, decoded, and the two records compared. Kinds that differ are listed with the
/// reason in `fidelity-reasons.txt`; one that is listed and agrees fails the test as well.
class FidelityTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Set<String>> KINDS = new TreeMap<>();
    private static final Set<String> WITHOUT_MODEL = new TreeSet<>();

    @BeforeAll
    static void compare() throws IOException {
        var services = new ServiceCatalog();
        var decoding = new Decoding(services, Set.of(), 1 << 20, "us-east-1");
        for (byte[] line : RealData.assume().developersPermissive()) {
            JsonNode record = JSON.readTree(line);
            if (record.path("eventType").asText("AwsApiCall").equals("AwsApiCall")) {
                KINDS.computeIfAbsent(kind(record), _ -> new TreeSet<>())
                        .addAll(differences(record, services, decoding));
            }
        }
    }

    private static String kind(JsonNode record) {
        return record.path("eventSource").asText().replace(".amazonaws.com", "")
                + " "
                + record.path("eventName").asText();
    }

    private static Set<String> differences(
            JsonNode record, ServiceCatalog services, Decoding decoding) {
        Imagined imagined = Imagined.of(record, services);
        if (!imagined.modelled()) {
            WITHOUT_MODEL.add(kind(record));
        }
        DecodedCall ours =
                decoding.decode(
                        imagined.call(),
                        imagined.service(),
                        record.path("userIdentity").path("accountId").asText("123456789012"));
        return new Comparison(record, ours, imagined.unknown()).differences();
    }

    @Test
    void kinds_of_call_that_differ_from_awss_records_are_those_with_a_known_reason()
            throws IOException {
        Map<String, String> reasons = reasons();
        var differing = new TreeMap<String, Set<String>>();
        KINDS.forEach((kind, differences) -> {
            if (!differences.isEmpty()) {
                differing.put(kind, differences);
                System.out.println(kind + "  " + differences);
            }
        });
        System.out.printf(
                "%d of %d kinds of call agree: %s %%%n",
                KINDS.size() - differing.size(), KINDS.size(), percent(differing.size()));

        assertThat(differing.keySet()).as("differences: %s", differing).isEqualTo(reasons.keySet());
    }

    @Test
    void the_page_says_how_many_agree() throws IOException {
        Path page = Path.of("..", "docs", "fidelity.md");
        String text = page(reasons());
        if (System.getProperty("cairn.docs") != null) {
            Files.writeString(page, text);
        }
        assertThat(Files.exists(page) ? Files.readString(page) : "")
                .as(
                        "docs/fidelity.md is stale: run ./cairn test -pl cairn-gateway -am -Dcairn.docs=write")
                .isEqualTo(text);
    }

    private static String percent(int differing) {
        return "%.1f".formatted(100.0 * (KINDS.size() - differing) / KINDS.size());
    }

    private static Map<String, String> reasons() throws IOException {
        var reasons = new TreeMap<String, String>();
        try (InputStream in = FidelityTest.class.getResourceAsStream("fidelity-reasons.txt")) {
            assertThat(in).isNotNull();
            for (String line :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                int colon = line.indexOf(": ");
                if (!line.startsWith("#") && colon > 0) {
                    reasons.put(line.substring(0, colon), line.substring(colon + 2));
                }
            }
        }
        return reasons;
    }

    private static String page(Map<String, String> reasons) {
        var all = new TreeMap<String, Integer>();
        var agreeing = new TreeMap<String, Integer>();
        KINDS.keySet()
                .forEach(kind -> {
                    String service = kind.substring(0, kind.indexOf(' '));
                    all.merge(service, 1, Integer::sum);
                    agreeing.merge(service, reasons.containsKey(kind) ? 0 : 1, Integer::sum);
                });
        var page = new StringBuilder();
        page.append(
                """
                # Fidelity

                Generated by a test. How near the records that Cairn's gateway makes come to AWS's own.

                A set of 4,144 real CloudTrail records holds %d *kinds of call* (a service and an operation). From each record the
                request and the answer that must have caused it are made, as a client and the service would write them, by code
                apart from the gateway's; then the gateway's decoding reads them. A kind agrees when all its records do: event
                source and name, read or write, management or data, error code and message, the names and values of request
                parameters and response elements, what was touched, and the names of the additional data.

                **%d of %d kinds agree: %s %%.** What a service fills in by itself, or members that no model has, cannot be had
                from a call; a record whose parameters AWS left out is compared with a request that had none. %d kinds are in no
                model: their calls are taken for JSON with the record's own names, which says little. The tables that decoding
                goes by were made with these records at hand, so expect somewhat less of others.


                | service | kinds | agree |
                |---|---|---|
                """
                        .formatted(
                                KINDS.size(),
                                KINDS.size() - reasons.size(),
                                KINDS.size(),
                                percent(reasons.size()),
                                WITHOUT_MODEL.size()));
        all.forEach((service, count) ->
                page.append("| %s | %d | %d |\n".formatted(service, count, agreeing.get(service))));
        page.append("\n## What differs, and why\n\n| kind | why |\n|---|---|\n");
        reasons.forEach((kind, reason) -> page.append("| %s | %s |\n".formatted(kind, reason)));
        return page.toString();
    }
}
