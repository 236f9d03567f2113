package dev.cairn.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cairn.account.Allow;
import dev.cairn.account.Caller;
import dev.cairn.account.Token;
import dev.cairn.failure.ErrorCode;
import dev.cairn.failure.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTest {
    private static final String DEFAULT = "123456789012";
    private static final String OTHER = "210987654321";
    private static final Access ACCESS = new Access(DEFAULT);
    private static final Context CONTEXT =
            new Context(Instant.parse("2026-11-21T00:00:00Z"), "us-east-1", "127.0.0.1", true);

    private static final Map<String, Caller> CALLERS =
            Map.ofEntries(
                    Map.entry("anonymous", Caller.ANONYMOUS),
                    Map.entry("root", Caller.root(DEFAULT, "AKIAROOT")),
                    Map.entry("reader", user(DEFAULT, Allow.READ)),
                    Map.entry("operator", user(DEFAULT, Allow.OPERATE)),
                    Map.entry("administrator", user(DEFAULT, Allow.ALL)),
                    Map.entry("otherRoot", Caller.root(OTHER, "AKIAOTHER")),
                    Map.entry("otherAdministrator", user(OTHER, Allow.ALL)),
                    Map.entry("intake", token(DEFAULT, Token.Purpose.INTAKE)),
                    Map.entry("metrics", token(DEFAULT, Token.Purpose.METRICS)),
                    Map.entry("gateway", token(DEFAULT, Token.Purpose.GATEWAY)),
                    Map.entry("otherIntake", token(OTHER, Token.Purpose.INTAKE)));

    private static final List<Action> ACTIONS =
            List.of(
                    Action.read("cloudtrail", "LookupEvents"),
                    Action.operate("cloudtrail", "CreateTrail"),
                    Action.RECORD_EVENTS,
                    Action.RECORD_EVENTS_OF_OTHER_ACCOUNTS,
                    Action.SEARCH_ALL_ACCOUNTS,
                    Action.READ_METRICS,
                    Action.CREATE_ACCOUNT,
                    Action.LIST_ACCOUNTS,
                    Action.GET_ROOT_KEY,
                    Action.CREATE_KEY,
                    Action.LIST_KEYS,
                    Action.REVOKE_KEY,
                    Action.CREATE_TOKEN,
                    Action.LIST_TOKENS,
                    Action.REVOKE_TOKEN,
                    Action.IDENTIFY_CALLERS);

    /// Each row names exactly those who may.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    cloudtrail:LookupEvents           | 123456789012 | root reader operator administrator
                    cloudtrail:LookupEvents           | 210987654321 | root otherRoot otherAdministrator
                    cloudtrail:CreateTrail            | 123456789012 | root operator administrator
                    cloudtrail:CreateTrail            | 210987654321 | root otherRoot otherAdministrator
                    cairn:RecordEvents                | 123456789012 | root operator administrator intake gateway
                    cairn:RecordEvents                | 210987654321 | root otherRoot otherAdministrator otherIntake
                    cairn:RecordEventsOfOtherAccounts | 123456789012 | root
                    cairn:RecordEventsOfOtherAccounts | 210987654321 | root
                    cairn:SearchAllAccounts           | 123456789012 | root
                    cairn:SearchAllAccounts           | 210987654321 | root
                    cairn:ReadMetrics                 | 123456789012 | root reader operator administrator metrics
                    cairn:ReadMetrics                 | 210987654321 | root otherRoot otherAdministrator
                    cairn:CreateAccount               | 210987654321 | root
                    cairn:ListAccounts                | 123456789012 | root
                    cairn:GetRootKey                  | 123456789012 | root
                    cairn:GetRootKey                  | 210987654321 | root
                    cairn:CreateKey                   | 123456789012 | root administrator
                    cairn:CreateKey                   | 210987654321 | root otherRoot otherAdministrator
                    cairn:ListKeys                    | 123456789012 | root administrator
                    cairn:RevokeKey                   | 210987654321 | root otherRoot otherAdministrator
                    cairn:CreateToken                 | 123456789012 | root administrator
                    cairn:ListTokens                  | 210987654321 | root otherRoot otherAdministrator
                    cairn:RevokeToken                 | 123456789012 | root administrator
                    cairn:IdentifyCallers             | 123456789012 | root operator administrator gateway
                    cairn:IdentifyCallers             | 210987654321 | root otherRoot otherAdministrator
                    """)
    void onlyTheseMay(String actionName, String account, String who) {
        Action action =
                ACTIONS.stream().filter(a -> a.name().equals(actionName)).findFirst().orElseThrow();
        List<String> allowed =
                CALLERS.entrySet().stream()
                        .filter(caller ->
                                isAllowed(caller.getValue(), action, Target.account(account)))
                        .map(Map.Entry::getKey)
                        .toList();
        assertThat(allowed).containsExactlyInAnyOrder(who.split(" "));
    }

    @Test
    void aDenialSpeaksAsAwsDoes() {
        Action lookup = Action.read("cloudtrail", "LookupEvents");
        assertThat(denial(token(DEFAULT, Token.Purpose.INTAKE), lookup, Target.account(DEFAULT)))
                .isEqualTo(
                        "User: arn:aws:cairn::123456789012:token/CTOK1 is not authorized to perform: cloudtrail:LookupEvents because no identity-based policy allows the cloudtrail:LookupEvents action");
        String trail = "arn:aws:cloudtrail:us-east-1:123456789012:trail/all";
        Action delete = Action.operate("cloudtrail", "DeleteTrail");
        assertThat(denial(user(DEFAULT, Allow.READ), delete, new Target(DEFAULT, trail)))
                .isEqualTo(
                        "User: arn:aws:iam::123456789012:user/Mary is not authorized to perform: cloudtrail:DeleteTrail on resource: arn:aws:cloudtrail:us-east-1:123456789012:trail/all because no identity-based policy allows the cloudtrail:DeleteTrail action");
        assertThat(denial(user(OTHER, Allow.ALL), delete, new Target(DEFAULT, trail)))
                .isEqualTo(
                        "User: arn:aws:iam::210987654321:user/Mary is not authorized to perform: cloudtrail:DeleteTrail on resource: arn:aws:cloudtrail:us-east-1:123456789012:trail/all because no resource-based policy allows the cloudtrail:DeleteTrail action");
        assertThat(denial(Caller.ANONYMOUS, lookup, Target.account(DEFAULT)))
                .startsWith(
                        "User: anonymous is not authorized to perform: cloudtrail:LookupEvents");
    }

    @Test
    void aDenialIsAFailureAndAnAllowanceIsNot() {
        Action lookup = Action.read("cloudtrail", "LookupEvents");
        Target target = Target.account(DEFAULT);
        ACCESS.decide(Caller.root(DEFAULT, "AKIAROOT"), lookup, target, CONTEXT).orFail();
        Decision denied = ACCESS.decide(Caller.ANONYMOUS, lookup, target, CONTEXT);
        assertThatThrownBy(denied::orFail)
                .isInstanceOfSatisfying(
                        Failure.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.ACCESS_DENIED))
                .hasMessageStartingWith("User: anonymous");
    }

    @Property
    void moreAllowNeverDeniesWhatLessAllowed(
            @ForAll Allow less,
            @ForAll Allow more,
            @ForAll("actions") Action action,
            @ForAll("accounts") String account,
            @ForAll("accounts") String targetAccount) {
        Target target = Target.account(targetAccount);
        if (more.includes(less) && isAllowed(user(account, less), action, target)) {
            assertThat(isAllowed(user(account, more), action, target)).isTrue();
            assertThat(isAllowed(Caller.root(account, "AKIAROOT"), action, target)).isTrue();
        }
    }

    @Property
    void whatAnyoneMayTheRootOfTheDefaultAccountMay(
            @ForAll("callers") Caller caller,
            @ForAll("actions") Action action,
            @ForAll("accounts") String targetAccount) {
        Target target = Target.account(targetAccount);
        if (isAllowed(caller, action, target)) {
            assertThat(isAllowed(Caller.root(DEFAULT, "AKIAROOT"), action, target)).isTrue();
        }
    }

    @Property
    void nobodyButTheRootOfTheDefaultAccountLeavesTheirAccount(
            @ForAll("callers") Caller caller,
            @ForAll("actions") Action action,
            @ForAll("accounts") String targetAccount) {
        if (!caller.account().equals(targetAccount)
                && isAllowed(caller, action, Target.account(targetAccount))) {
            assertThat(caller.type()).isEqualTo(Caller.Type.ROOT);
            assertThat(caller.account()).isEqualTo(DEFAULT);
        }
    }

    @Provide
    Arbitrary<Caller> callers() {
        return Arbitraries.of(CALLERS.values());
    }

    @Provide
    Arbitrary<Action> actions() {
        return Arbitraries.of(ACTIONS);
    }

    @Provide
    Arbitrary<String> accounts() {
        return Arbitraries.of(DEFAULT, OTHER, "700***", "");
    }

    private static boolean isAllowed(Caller caller, Action action, Target target) {
        return ACCESS.decide(caller, action, target, CONTEXT) instanceof Decision.Allowed;
    }

    private static String denial(Caller caller, Action action, Target target) {
        return ((Decision.Denied) ACCESS.decide(caller, action, target, CONTEXT)).message();
    }

    private static Caller user(String account, Allow allow) {
        return Caller.user(account, "Mary", "AIDAMARY", "AKIAMARY", allow);
    }

    private static Caller token(String account, Token.Purpose purpose) {
        return Caller.bearer(new Token("CTOK1", account, purpose, Instant.EPOCH));
    }
}
