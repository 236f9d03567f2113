package dev.cairn.pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cairn.pattern.EventPattern.Verdict;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is asked of a document, in one line each. Single quotes stand for double ones.
class EventPatternTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'a':['x']}                        | {'a':'x','b':1}           | TAKEN",
                "{'a':['x']}                        | {'a':'X'}                 | LEFT",
                "{'a':['x','y']}                    | {'a':'y'}                 | TAKEN",
                "{'a':['x'],'b':['y']}              | {'a':'x'}                 | LEFT",
                "{'a':['x'],'b':['y']}              | {'b':'y','a':'x'}         | TAKEN",
                "{'a':['x']}                        | {'a':['w','x']}           | TAKEN",
                "{'a':['x']}                        | {'a':[]}                  | LEFT",
                "{'a':[null,true,7]}                | {'a':null}                | TAKEN",
                "{'a':[null,true,7]}                | {'a':true}                | TAKEN",
                "{'a':[null,true,7]}                | {'a':7.0}                 | TAKEN",
                "{'a':[null,true,7]}                | {'a':'7'}                 | LEFT",
                "{'a':[{'prefix':'ab'}]}            | {'a':'abc'}               | TAKEN",
                "{'a':[{'prefix':'ab'}]}            | {'a':'cab'}               | LEFT",
                "{'a':[{'suffix':'bc'}]}            | {'a':'abc'}               | TAKEN",
                "{'a':[{'suffix':'bc'}]}            | {'a':'bcd'}               | LEFT",
                "{'a':[{'equals-ignore-case':'x'}]} | {'a':'X'}                 | TAKEN",
                "{'a':[{'equals-ignore-case':'x'}]} | {'a':'Y'}                 | LEFT",
                "{'a':[{'anything-but':['x','y']}]} | {'a':'z'}                 | TAKEN",
                "{'a':[{'anything-but':['x','y']}]} | {'a':'y'}                 | LEFT",
                "{'a':[{'anything-but':['x','y']}]} | {'a':['y','z']}           | TAKEN",
                "{'a':[{'anything-but':'x'}]}       | {'b':'x'}                 | LEFT",
                "{'a':[{'anything-but':[1,2]}]}     | {'a':3}                   | TAKEN",
                "{'a':[{'anything-but':[1,2]}]}     | {'a':2.0}                 | LEFT",
                "{'a':[{'anything-but':{'prefix':'o-'}}]} | {'a':'o_1'}         | TAKEN",
                "{'a':[{'anything-but':{'prefix':'o-'}}]} | {'a':'o-1'}         | LEFT",
                "{'a':[{'numeric':['=',301.5]}]}    | {'a':3.015e2}             | TAKEN",
                "{'a':[{'numeric':['=',301.5]}]}    | {'a':301.6}               | LEFT",
                "{'a':[{'numeric':['<',0]}]}        | {'a':-0.5}                | TAKEN",
                "{'a':[{'numeric':['<',0]}]}        | {'a':0}                   | LEFT",
                "{'a':[{'numeric':['>',0,'<=',150]}]} | {'a':150}               | TAKEN",
                "{'a':[{'numeric':['>',0,'<=',150]}]} | {'a':0}                 | LEFT",
                "{'a':[{'numeric':['>',0,'<=',150]}]} | {'a':'100'}             | LEFT",
                "{'a':[{'exists':true}]}            | {'a':'x'}                 | TAKEN",
                "{'a':[{'exists':true}]}            | {'b':'x'}                 | LEFT",
                "{'a':[{'exists':false}]}           | {'b':'x'}                 | TAKEN",
                "{'a':[{'exists':false}]}           | {'a':'x','b':'x'}         | LEFT",
                "{'a':[{'cidr':'10.0.0.0/24'}]}     | {'a':'10.0.0.255'}        | TAKEN",
                "{'a':[{'cidr':'10.0.0.0/24'}]}     | {'a':'10.1.1.0'}          | LEFT",
                "{'a':[{'cidr':'2001:db8::/32'}]}   | {'a':'2001:db8::7'}       | TAKEN",
                "{'a':{'b':['x']}}                  | {'a':{'b':'x'}}           | TAKEN",
                "{'a':{'b':['x']}}                  | {'b':'x'}                 | LEFT",
                "{'$or':[{'a':['x']},{'b':['y']}]}  | {'b':'y'}                 | TAKEN",
                "{'$or':[{'a':['x']},{'b':['y']}]}  | {'a':'y','b':'x'}         | LEFT",
                "{'c':['z'],'$or':[{'a':['x']},{'b':['y']}]} | {'a':'x'}        | LEFT",
                "{'$or':['x']}                      | {'$or':'x'}               | TAKEN",
                "{'a':{'b':['x'],'c':['y']}}        | {'a':[{'b':'x'},{'c':'y'}]} | LEFT",
                "{'a':{'b':['x'],'c':['y']}}        | {'a':[{'b':'x','c':'y'}]} | TAKEN",
                "{'a':['x']}                        | ['x']                     | LEFT",
                "{'a':['x']}                        | hello                     | LEFT",
                "{'a':['x']}                        | {'a':'x'} and more        | LEFT",
                "{'a':['x']}                        | {'a':'x'                  | LEFT",
            })
    void a_document_is_judged(String pattern, String document, Verdict verdict) throws Exception {
        assertThat(EventPattern.of(json(pattern)).judge(json(document))).isEqualTo(verdict);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "[]                         | Filter is not an object",
                "{}                         | Empty objects are not allowed",
                "{'a':'x'}                  | \"'a' must be an object or an array\"",
                "{'a':[]}                   | Empty arrays are not allowed",
                "{'a':[['x']]}              | Match value must be String, number, true, false, or null",
                "{'a':[{'like':'x'}]}       | Unrecognized match type like",
                "{'a':[{'suffix':1}]}       | suffix match pattern must be a string",
                "{'a':[{'exists':'no'}]}    | exists match pattern must be either true or false.",
                "{'a':[{'numeric':['>']}]}  | Value of > must be numeric",
                "{'a':[{'numeric':['>',3,'<',1]}]} | Bottom must be less than top",
                "{'a':[{'cidr':'10.0.0.0'}]} | Malformed CIDR, one '/' required",
            })
    void what_is_no_pattern_is_refused_in_awss_words(String pattern, String words) {
        assertThatExceptionOfType(EventPatternException.class)
                .isThrownBy(() -> EventPattern.of(json(pattern)))
                .withMessage(words.contains("'/'") ? words : json(words));
    }

    @Test
    void a_document_that_takes_too_many_steps_is_not_judged() throws Exception {
        EventPattern pattern =
                EventPattern.of(
                        json("{'a':[{'anything-but':'x'}],'b':[{'anything-but':'x'}],'c':['no']}"));
        // 2v + 1 values, and as often again for each of v and v * v matches.
        assertThat(pattern.judge(many(49))).isEqualTo(Verdict.LEFT);
        assertThat(pattern.judge(many(50))).isEqualTo(Verdict.TOO_COMPLEX);
        assertThat(EventPattern.of(json("{'a':['49999']}")).judge(many(50_000)))
                .isEqualTo(Verdict.TAKEN);
    }

    /// A document whose fields a and b have so many values each.
    private static String many(int values) {
        String array =
                IntStream.range(0, values)
                        .mapToObj(i -> "\"" + i + "\"")
                        .collect(Collectors.joining(",", "[", "]"));
        return "{\"a\":%s,\"b\":%s,\"c\":\"yes\"}".formatted(array, array);
    }

    @Test
    void patterns_are_kept_while_they_are_small_together() throws Exception {
        EventPatterns patterns = new EventPatterns();
        String small = json("{'a':['x']}");
        assertThat(patterns.pattern(small)).isSameAs(patterns.pattern(small));
        for (int i = 0; i < 40; i++) {
            String large = json("{'a':['%d','%s']}".formatted(i, "y".repeat(8 << 10)));
            assertThat(patterns.pattern(large).judge(json("{'a':'%d'}".formatted(i))))
                    .isEqualTo(Verdict.TAKEN);
            assertThat(patterns.chars()).isLessThanOrEqualTo(EventPatterns.CHARS_MAX);
        }
        String huge = json("{'a':['%s']}".formatted("z".repeat(EventPatterns.CHARS_MAX)));
        assertThat(patterns.pattern(huge).judge(json("{'a':'z'}"))).isEqualTo(Verdict.LEFT);
        assertThat(patterns.chars()).isZero();
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
