package dev.cairn.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.access.Policy.Principal;
import dev.cairn.access.Policy.Verdict;
import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
    private static final String KEY = "arn:aws:s3:::logs/AWSLogs/123456789012/x.gz";
    private static final Principal CLOUDTRAIL = new Principal.Service("cloudtrail.amazonaws.com");
    private static final Principal ROOT =
            new Principal.Known("123456789012", "arn:aws:iam::123456789012:root");
    private static final Principal MARY =
            new Principal.Known("123456789012", "arn:aws:iam::123456789012:user/Mary");

    private static String statement(String effect, String principal, String rest) {
        return """
        {"Version":"2012-10-17","Statement":[{"Effect":"%s","Principal":%s,
         "Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/AWSLogs/*"%s}]}\
        """
                .formatted(effect, principal, rest);
    }

    private static Verdict judge(String json, Principal who, Map<String, List<String>> keys)
            throws PolicyException {
        return Policy.of(json).judge(new Policy.Request(who, "s3:PutObject", KEY, keys));
    }

    @Test
    void the_trail_that_is_named_may_write_and_no_other() throws Exception {
        String policy =
                statement(
                        "Allow",
                        "{\"Service\":\"cloudtrail.amazonaws.com\"}",
                        """
                        ,"Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control",
                        "aws:SourceArn":"arn:aws:cloudtrail:us-east-1:123456789012:trail/main"}}\
                        """);
        String arn = "arn:aws:cloudtrail:us-east-1:123456789012:trail/";
        assertThat(judge(policy, CLOUDTRAIL, source(arn + "main"))).isEqualTo(Verdict.ALLOWED);
        assertThat(judge(policy, CLOUDTRAIL, source(arn + "other"))).isEqualTo(Verdict.SILENT);
        assertThat(judge(policy, CLOUDTRAIL, Map.of())).isEqualTo(Verdict.SILENT);
        assertThat(judge(policy, ROOT, source(arn + "main"))).isEqualTo(Verdict.SILENT);
    }

    private static Map<String, List<String>> source(String arn) {
        return Map.of(
                "aws:sourcearn",
                List.of(arn),
                "s3:x-amz-acl",
                List.of("bucket-owner-full-control"));
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Allow | '*'                     |                                                    | true",
                "Allow | {'AWS':'*'}             |                                                    | true",
                "Allow | {'AWS':['123456789012','*']} |                                               | true",
                "Allow | {'AWS':'123456789012'}  |                                                    | false",
                "Allow | {'Service':'cloudtrail.amazonaws.com'} |                                     | false",
                "Deny  | '*'                     |                                                    | false",
                "Allow | '*' | 'StringEquals':{'aws:PrincipalAccount':'123456789012'}                 | false",
                "Allow | '*' | 'StringEquals':{'aws:PrincipalAccount':['123456789012','*']}           | true",
                "Allow | '*' | 'StringLike':{'aws:PrincipalArn':'arn:aws:iam::123456789012:user/Mary'} | false",
                "Allow | '*' | 'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::*:user/Mary'}              | true",
                "Allow | '*' | 'ArnLike':{'aws:SourceArn':'arn:aws:s3:::log?'}                        | true",
                "Allow | '*' | 'StringEqualsIfExists':{'aws:SourceAccount':'123456789012'}            | true",
                "Allow | '*' | 'ForAllValues:StringEquals':{'aws:SourceAccount':'123456789012'}       | true",
                "Allow | '*' | 'ForAnyValue:StringEquals':{'aws:SourceAccount':'123456789012'}        | false",
                "Allow | '*' | 'StringNotEquals':{'aws:SourceAccount':'123456789012'}                 | true",
                "Allow | '*' | 'StringEquals':{'aws:SecureTransport':'true'}                          | true",
                "Allow | '*' | 'Bool':{'aws:SecureTransport':'true'},'StringEquals':{'aws:SourceVpc':'vpc-1'} | false",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'203.0.113.0/24'}                          | false",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'203.0.113.7'}                             | false",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}                              | false",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':['203.0.113.0/24','0.0.0.0/7']}            | true",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'2001:db8::/32'}                           | false",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'2001::/31'}                               | true",
                "Allow | '*' | 'IpAddress':{'aws:SourceIp':'here'}                                    | true",
                "Allow | '*' | 'NotIpAddress':{'aws:SourceIp':'203.0.113.0/24'}                       | true",
                "Allow | '*' | 'Null':{'aws:SourceArn':'false'}                                       | true"
            })
    void everyone_is_let_in_where_no_condition_says_who(
            String effect, String principal, String condition, boolean everyone) throws Exception {
        String rest = condition == null ? "" : ",\"Condition\":{" + condition + "}";
        var policy = Policy.of(statement(effect, principal, rest).replace('\'', '"'));
        assertThat(policy.allowsEveryone()).isEqualTo(everyone);
    }

    @ParameterizedTest(name = "{0} {1} {2}: {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Deny  | Resource    | logs/secret/*    |           | DENIED",
                "Deny  | Resource    | logs/secret/*    | secret/   | DENIED",
                "Deny  | Resource    | logs/secret/*    | secret/a/ | DENIED",
                "Deny  | Resource    | logs/secret/*    | se        | DENIED",
                "Deny  | Resource    | logs/secret/*    | open/     | SILENT",
                "Deny  | Resource    | logs/secret/*    | secrets   | SILENT",
                "Deny  | Resource    | logs/*/x.gz      | open/     | DENIED",
                "Deny  | Resource    | logs/??/x.gz     | a/        | DENIED",
                "Deny  | Resource    | logs/??/x.gz     | abc/      | SILENT",
                "Deny  | Resource    | logs/a           | a/        | SILENT",
                "Deny  | Resource    | logs/a/b         | a/        | DENIED",
                "Deny  | NotResource | logs/open/*      | open/     | SILENT",
                "Deny  | NotResource | logs/open/*      | open/a    | SILENT",
                "Deny  | NotResource | logs/open/*      |           | DENIED",
                "Deny  | NotResource | logs/open/?      | open/     | DENIED",
                "Allow | Resource    | logs/*           |           | ALLOWED",
                "Allow | Resource    | logs/open/*      | open/     | ALLOWED",
                "Allow | Resource    | logs/open/*      | open/a/   | ALLOWED",
                "Allow | Resource    | logs/open/*      | open      | SILENT",
                "Allow | Resource    | logs/op?         | op        | SILENT",
                "Allow | Resource    | logs/open/*.gz   | open/     | SILENT",
                "Allow | NotResource | logs/secret/*    | open/     | ALLOWED",
                "Allow | NotResource | logs/secret/*    |           | SILENT"
            })
    void all_resources_that_begin_so_are_judged_at_once(
            String effect, String element, String pattern, @Nullable String prefix, Verdict verdict)
            throws Exception {
        String all = "arn:aws:s3:::logs/" + (prefix == null ? "" : prefix);
        Policy policy =
                Policy.of(
                        """
                        {"Version":"2012-10-17","Statement":[{"Effect":"%s","Principal":"*",
                         "Action":"s3:GetObject","%s":"arn:aws:s3:::%s"}]}\
                        """
                                .formatted(effect, element, pattern));

        assertThat(
                        policy.onAll(all)
                                .judge(
                                        new Policy.Request(
                                                MARY, "s3:GetObject", all + "*", Map.of())))
                .isEqualTo(verdict);
    }

    @Test
    void a_denial_wins_wherever_it_stands() throws Exception {
        String policy =
                """
                {"Statement":[
                 {"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"},
                 {"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}\
                """;
        assertThat(judge(policy, ROOT, Map.of())).isEqualTo(Verdict.DENIED);
        assertThat(judge(policy, new Principal.Anonymous(), Map.of())).isEqualTo(Verdict.DENIED);
    }

    @Test
    void an_account_is_delegated_to_and_a_user_is_named() throws Exception {
        String account = statement("Allow", "{\"AWS\":\"123456789012\"}", "");
        String mary = statement("Allow", "{\"AWS\":[\"arn:aws:iam::123456789012:user/Mary\"]}", "");
        assertThat(judge(account, MARY, Map.of())).isEqualTo(Verdict.DELEGATED);
        assertThat(judge(mary, MARY, Map.of())).isEqualTo(Verdict.ALLOWED);
        assertThat(judge(mary, ROOT, Map.of())).isEqualTo(Verdict.SILENT);
        assertThat(judge(account, new Principal.Anonymous(), Map.of())).isEqualTo(Verdict.SILENT);
    }

    @Test
    void whoever_is_not_excepted_is_denied() throws Exception {
        String policy =
                """
                {"Statement":{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/Mary"},
                 "NotAction":"s3:GetObject","NotResource":"arn:aws:s3:::logs/free/*"}}\
                """;
        assertThat(judge(policy, ROOT, Map.of())).isEqualTo(Verdict.DENIED);
        assertThat(judge(policy, MARY, Map.of())).isEqualTo(Verdict.SILENT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "StringEquals | a | a | true",
                "StringEquals | a | A | false",
                "StringEquals | a |  | false",
                "StringNotEquals | a | b | true",
                "StringNotEquals | a |  | true",
                "StringEqualsIgnoreCase | a | A | true",
                "StringLike | a*c | abbc | true",
                "StringLike | a?c | ac | false",
                "StringNotLike | a*c | abbc | false",
                "StringEqualsIfExists | a |  | true",
                "StringEqualsIfExists | a | b | false",
                "ForAnyValue:StringNotEquals | a |  | false",
                "ForAllValues:StringEquals | a |  | true",
                "ArnLike | arn:aws:cloudtrail:*:1:trail/* | arn:aws:cloudtrail:eu:1:trail/x | true",
                "ArnLike | arn:aws:*:trail/* | arn:aws:cloudtrail:eu:1:trail/x | false",
                "Bool | true | true | true",
                "Bool | true | false | false",
                "NumericLessThan | 10 | 9 | true",
                "NumericLessThan | 10 | 10 | false",
                "NumericGreaterThanEquals | 10 | 10 | true",
                "NumericEquals | 10 | ten | false",
                "DateLessThan | 2027-01-01T00:00:00Z | 2026-11-21T00:00:00Z | true",
                "DateGreaterThan | 2027-01-01T00:00:00Z | 2026-11-21T00:00:00Z | false",
                "IpAddress | 203.0.113.0/24 | 203.0.113.77 | true",
                "IpAddress | 203.0.113.0/24 | 203.0.114.77 | false",
                "IpAddress | 2001:db8::/32 | 2001:db8:7::1 | true",
                "IpAddress | 2001:db8::/32 | 2001:db9::1 | false",
                "NotIpAddress | 203.0.113.0/24 | 203.0.113.77 | false",
                "Null | true |  | true",
                "Null | true | a | false",
                "Null | false | a | true"
            })
    void conditions_hold_as_iam_has_them(
            String operator, String pattern, String value, boolean holds) throws Exception {
        String policy =
                statement(
                        "Allow",
                        "\"*\"",
                        ",\"Condition\":{\"%s\":{\"aws:Key\":\"%s\"}}"
                                .formatted(operator, pattern));
        Map<String, List<String>> keys =
                value == null ? Map.of() : Map.of("aws:key", List.of(value));
        assertThat(judge(policy, ROOT, keys)).isEqualTo(holds ? Verdict.ALLOWED : Verdict.SILENT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"Statement\":[]}",
                "{\"Version\":\"2020-01-01\",\"Statement\":[]}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}}",
                "{\"Statement\":{\"Effect\":\"Maybe\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"bob\",\"Action\":\"*\",\"Resource\":\"*\"}}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\",\"Hue\":1}}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"${aws:username}\"}}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"NotPrincipal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}",
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\",\"Condition\":{\"StringSounds\":{\"a\":\"b\"}}}}"
            })
    void what_cannot_be_judged_is_refused(String json) {
        assertThatThrownBy(() -> Policy.of(json)).isInstanceOf(PolicyException.class);
    }

    @Test
    void a_bucket_s_policy_adds_to_a_key_s_rights_and_takes_from_them() throws Exception {
        var access = new Access("123456789012");
        var action = Action.operate("s3", "PutObject");
        var target = new Target("210987654321", KEY);
        var context =
                new Context(Instant.parse("2026-11-21T00:00:00Z"), "us-east-1", "192.0.2.1", false);
        var reader = Caller.user("210987654321", "r", "AIDAR", "AKIAR", Allow.READ);
        var foreign = Caller.user("333333333333", "f", "AIDAF", "AKIAF", Allow.ALL);
        var foreignReader = Caller.user("333333333333", "g", "AIDAG", "AKIAG", Allow.READ);
        var everyone = Policy.of(statement("Allow", "\"*\"", ""));
        var nobody =
                Policy.of(
                        statement(
                                "Deny",
                                "\"*\"",
                                ",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}"));
        assertThat(access.decide(reader, action, target, context, Policy.NONE, Map.of()))
                .isInstanceOf(Decision.Denied.class);
        assertThat(access.decide(reader, action, target, context, everyone, Map.of()))
                .isInstanceOf(Decision.Allowed.class);
        assertThat(access.decide(Caller.ANONYMOUS, action, target, context, everyone, Map.of()))
                .isInstanceOf(Decision.Allowed.class);
        assertThat(access.decide(foreign, action, target, context, everyone, Map.of()))
                .isInstanceOf(Decision.Allowed.class);
        assertThat(access.decide(foreignReader, action, target, context, everyone, Map.of()))
                .isInstanceOf(Decision.Denied.class);
        assertThat(access.decide(foreign, action, target, context, Policy.NONE, Map.of()))
                .isInstanceOf(Decision.Denied.class);
        assertThat(
                        access.decide(
                                Caller.root("210987654321", "AKIAO"),
                                action,
                                target,
                                context,
                                nobody,
                                Map.of()))
                .isInstanceOf(Decision.Denied.class);
    }

    @Test
    void where_a_policy_decides_there_is_no_right_without_it() throws Exception {
        var access = new Access("999999999999");
        var action = Action.operate("kms", "Encrypt");
        var target = new Target("210987654321", "arn:aws:kms:us-east-1:210987654321:key/k");
        var context =
                new Context(Instant.parse("2026-11-21T00:00:00Z"), "us-east-1", "192.0.2.1", false);
        var root = Caller.root("210987654321", "AKIAO");
        var reader = Caller.user("210987654321", "r", "AIDAR", "AKIAR", Allow.READ);
        var rootOfAll = Caller.root("999999999999", "AKIAA");
        var account = Policy.deciding(key("{\"AWS\":\"arn:aws:iam::210987654321:root\"}"));
        var reading = Policy.deciding(key("{\"AWS\":\"arn:aws:iam::210987654321:user/r\"}"));
        assertThat(access.decide(root, action, target, context, account, Map.of()))
                .isInstanceOf(Decision.Allowed.class);
        assertThat(access.decide(reader, action, target, context, account, Map.of()))
                .isInstanceOf(Decision.Denied.class);
        assertThat(access.decide(reader, action, target, context, reading, Map.of()))
                .isInstanceOf(Decision.Allowed.class);
        assertThat(access.decide(root, action, target, context, reading, Map.of()))
                .isEqualTo(
                        new Decision.Denied(
                                "User: arn:aws:iam::210987654321:root is not authorized to perform: kms:Encrypt on resource: arn:aws:kms:us-east-1:210987654321:key/k because no resource-based policy allows the kms:Encrypt action"));
        for (var policy : List.of(account, reading, Policy.CLOSED)) {
            assertThat(access.decide(rootOfAll, action, target, context, policy, Map.of()))
                    .isInstanceOf(Decision.Denied.class);
        }
        assertThat(access.decide(root, action, target, context, Policy.CLOSED, Map.of()))
                .isInstanceOf(Decision.Denied.class);
    }

    private static String key(String principal) {
        return """
        {"Statement":{"Effect":"Allow","Principal":%s,"Action":"kms:*","Resource":"*"}}\
        """
                .formatted(principal);
    }
}
