package dev.cairn.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.pattern.EventPattern.Verdict;
import dev.cairn.testkit.RealData;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Cases that were tried on AWS, or on Amazon's own matcher.
class PatternCasesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void each_case_has_the_answer_that_is_expected() throws Exception {
        List<String> wrong = new ArrayList<>();
        int cases = 0;
        for (String line :
                Files.readAllLines(
                        RealData.assume().folder().resolve("eventbridge/pattern-cases.ndjson"))) {
            JsonNode one = JSON.readTree(line);
            String answer = answer(one.path("pattern").toString(), one.path("event").toString());
            if (!answer.equals(one.path("expect").asText())) {
                wrong.add(one.path("name").asText() + ": " + answer);
            }
            cases++;
        }
        assertThat(wrong).isEmpty();
        assertThat(cases).isEqualTo(142);
    }

    /// Alone, and as one of a set.
    private static String answer(String pattern, String event) throws EventPatternException {
        EventPattern read;
        try {
            read = EventPattern.ofStranger(pattern);
        } catch (EventPatternException _) {
            return "invalid";
        }
        boolean taken = read.judge(event) == Verdict.TAKEN;
        assertThat(
                        new PatternSet(Map.of("it", pattern, "other", "{\"never\":[\"there\"]}"))
                                .judge(event)
                                .taken()
                                .contains("it"))
                .isEqualTo(taken);
        return taken ? "match" : "nomatch";
    }
}
