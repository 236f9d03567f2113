package dev.cairn.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.pattern.EventPattern.Verdict;
import dev.cairn.pattern.EventPatternException;
import dev.cairn.pattern.EventPatterns;
import dev.cairn.queue.MessageAttribute;
import dev.cairn.topic.Filter.Scope;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// SNS's filter policies, in one line each. Single quotes stand for double ones.
class FilterTest {
    private static final TopicArn ARN = new TopicArn("us-east-1", "123456789012", "audit");

    private final EventPatterns patterns = new EventPatterns();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'store':['a']}                        | store String a                        | TAKEN",
                "{'store':['a']}                        | store String b                        | LEFT",
                "{'store':['a']}                        | store String.label a                  | TAKEN",
                "{'store':['a']}                        | store Binary YQ==                     | LEFT",
                "{'n':[{'numeric':['>',0,'<=',100]}]}   | n Number 99                           | TAKEN",
                "{'n':[{'numeric':['=',301.5]}]}        | n Number 3.015e2                      | TAKEN",
                "{'n':[{'numeric':['>',0]}]}            | n String 99                           | LEFT",
                "{'n':[{'numeric':['>',0]}]}            | n Number +99                          | LEFT",
                "{'in':['rugby']}                       | in String.Array ['golf','rugby']      | TAKEN",
                "{'in':['rugby']}                       | in String.Array ['golf']              | LEFT",
                "{'in':[{'anything-but':['golf']}]}     | in String.Array ['golf','rugby']      | TAKEN",
                "{'in':[true,null,7]}                   | in String.Array ['golf',7]            | TAKEN",
                "{'in':['rugby']}                       | in String.Array [['rugby'],{'in':'rugby'}] | LEFT",
                "{'in':['rugby']}                       | in String.Array rugby                 | LEFT",
                "{'in':['rugby']}                       | in String.Array ['rugby'              | LEFT",
                "{'store':[{'exists':false}]}           | n Number 1                            | TAKEN",
                "{'store':[{'exists':false}]}           | \"\"                                  | LEFT",
                "{'store':['a'],'n':['b']}              | store String a;n String b             | TAKEN",
                "{'store':['a'],'n':['b']}              | store String a                        | LEFT",
                "{'$or':[{'store':['a']},{'n':['b']}]}  | n String b                            | TAKEN",
                "{'a.b':['x']}                          | a.b String x                          | TAKEN",
            })
    void attributes_are_judged(String policy, String attributes, Verdict verdict) throws Exception {
        Filter filter = Filter.NONE.withPolicy(json(policy));
        filter.check();
        Message message =
                new Message(
                        "id",
                        ARN,
                        null,
                        "{\"store\":\"a\"}",
                        Map.of(),
                        attributes(json(attributes)),
                        Instant.EPOCH);
        assertThat(filter.judge(patterns, message, message.text())).isEqualTo(verdict);
    }

    private static Map<String, MessageAttribute> attributes(String text) {
        return Arrays.stream(text.split(";"))
                .filter(one -> !one.isEmpty())
                .map(one -> one.split(" ", 3))
                .collect(
                        Collectors.toMap(
                                one -> one[0], one -> new MessageAttribute(one[1], one[2])));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'s3Bucket':['logs']}                          | TAKEN",
                "{'s3ObjectKey':[{'prefix':'AWSLogs/1234'}]}    | TAKEN",
                "{'s3ObjectKey':[{'prefix':'AWSLogs/5'}]}       | LEFT",
                "{'s3Bucket':['logs'],'s3ObjectKey':[{'suffix':'.json.gz'}]} | TAKEN",
            })
    void a_notice_is_judged_by_its_body(String policy, Verdict verdict) throws Exception {
        Filter filter = Filter.NONE.withScope(Scope.MESSAGE_BODY).withPolicy(json(policy));
        filter.check();
        String notice = json("{'s3Bucket':'logs','s3ObjectKey':['AWSLogs/1234/a.json.gz']}");
        Message message = Message.of("id", ARN, notice, Instant.EPOCH);
        assertThat(filter.judge(patterns, message, notice)).isEqualTo(verdict);
    }

    @Test
    void a_text_that_is_no_object_has_no_body_to_judge() throws Exception {
        Filter filter =
                Filter.NONE
                        .withScope(Scope.MESSAGE_BODY)
                        .withPolicy(json("{'a':[{'exists':false}]}"));
        Message message = Message.of("id", ARN, "hello", Instant.EPOCH);
        assertThat(filter.judge(patterns, message, "hello")).isEqualTo(Verdict.LEFT);
        assertThat(filter.judge(patterns, message, "{\"b\":1}")).isEqualTo(Verdict.TAKEN);
    }

    @ParameterizedTest
    @CsvSource({"''", "{}", "' { } '"})
    void an_empty_policy_is_none(String text) throws Exception {
        Filter filter = new Filter("{\"a\":[\"x\"]}", Scope.MESSAGE_BODY).withPolicy(text);
        filter.check();
        assertThat(filter).isEqualTo(Filter.NONE.withScope(Scope.MESSAGE_BODY));
        assertThat(filter.judge(patterns, Message.of("id", ARN, "hello", Instant.EPOCH), "hello"))
                .isEqualTo(Verdict.TAKEN);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'a':['x']                      | FilterPolicy: failed to parse JSON.",
                "{'a':['x']} more                | FilterPolicy: failed to parse JSON.",
                "['a']                           | FilterPolicy: Filter is not an object",
                "{'a':[{'like':'x'}]}            | FilterPolicy: Unrecognized match type like",
                "{'a':[{'wildcard':'x*'}]}       | FilterPolicy: Unrecognized match type wildcard",
                "{'a':['x'],'b':['x'],'c':['x'],'d':['x'],'e':['x'],'f':['x']} | FilterPolicy: Filter policy can not have more than 5 keys",
                "{'a':{'b':['x']}}               | Filter policy scope MessageAttributes does not support nested filter policy",
            })
    void what_sns_refuses_is_refused_in_its_words(String policy, String words) {
        refused(Scope.MESSAGE_ATTRIBUTES, json(policy), words);
    }

    @Test
    void a_policy_has_at_most_150_combinations() throws Exception {
        String tooComplex = "FilterPolicy: Filter policy is too complex";
        accepted(Scope.MESSAGE_ATTRIBUTES, "{'a':%s}".formatted(values(150)));
        refused(Scope.MESSAGE_ATTRIBUTES, "{'a':%s}".formatted(values(151)), tooComplex);
        accepted(Scope.MESSAGE_ATTRIBUTES, "{'a':%s,'b':%s}".formatted(values(15), values(10)));
        refused(
                Scope.MESSAGE_ATTRIBUTES,
                "{'a':%s,'b':%s}".formatted(values(38), values(4)),
                tooComplex);
        // AWS's own example: 4 values at the third level and 3 at the second make 3 x 4 x 2 x 3.
        String nested = "{'key_a':{'key_b':{'key_c':%s}},'key_d':{'key_e':%s}}";
        accepted(Scope.MESSAGE_BODY, nested.formatted(values(4), values(3)));
        accepted(Scope.MESSAGE_BODY, nested.formatted(values(5), values(5)));
        refused(Scope.MESSAGE_BODY, nested.formatted(values(13), values(2)), tooComplex);
        String or = "{'c':%s,'$or':[{'a':%s},{'b':%s}]}";
        accepted(Scope.MESSAGE_ATTRIBUTES, or.formatted(values(3), values(20), values(30)));
        refused(
                Scope.MESSAGE_ATTRIBUTES,
                or.formatted(values(3), values(20), values(31)),
                tooComplex);
    }

    @Test
    void branches_that_multiply_are_not_gone_through() throws Exception {
        String or = "{'$or':[{'a':['x']},{'b':['y']}]}";
        String many =
                IntStream.range(0, 300)
                        .mapToObj(i -> "'f%d':%s".formatted(i, or))
                        .collect(Collectors.joining(",", "{'x':{", "}}"));
        refused(Scope.MESSAGE_BODY, many, "FilterPolicy: Filter policy is too complex");
        String wide =
                IntStream.range(0, 257)
                        .mapToObj(i -> "'f%d':['x']".formatted(i))
                        .collect(Collectors.joining(",", "{'$or':[{'a':['x']},{", "}]}"));
        refused(Scope.MESSAGE_ATTRIBUTES, wide, "FilterPolicy: expected at most 256 fields");
    }

    @Test
    void a_policy_has_a_bounded_length() throws Exception {
        String largest = "{'a':['%s']}".formatted("x".repeat(Filter.POLICY_CHARS_MAX - 10));
        assertThat(largest).hasSize(Filter.POLICY_CHARS_MAX);
        accepted(Scope.MESSAGE_BODY, largest);
        refused(
                Scope.MESSAGE_BODY,
                largest + ' ',
                "FilterPolicy: Filter policy is longer than 16384 characters");
    }

    private static void accepted(Scope scope, String policy) throws EventPatternException {
        new Filter(json(policy), scope).check();
    }

    private static void refused(Scope scope, String policy, String words) {
        assertThatExceptionOfType(EventPatternException.class)
                .isThrownBy(() -> new Filter(json(policy), scope).check())
                .withMessage(words);
    }

    private static String values(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "'" + i + "'")
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
