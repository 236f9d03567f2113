package dev.cairn.testkit.event;

import dev.cairn.testkit.event.RecordForm.Failure;
import dev.cairn.testkit.event.RecordForm.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Makes CloudTrail records: people who browse the console, pipelines that deploy, applications
/// that read parameters and objects, AWS services at work, sign-ins, mistakes.
///
/// The same seed, settings and placed stories make the same bytes. Records come in order of time
/// but for a few seconds, as in real log files. There is no end to them: after the
/// [Settings#events] that lie between start and end, time goes on. Not safe for use by several
/// threads at once.
public final class EventGenerator {
    private static final int SESSIONS = 24;
    private static final List<Duty> DUTIES = Duty.load();

    private final Settings settings;
    private final SplittableRandom random;
    private final List<Cast> casts;
    private final Rhythm rhythm;
    private final Slots slots;
    private final RecordForm form;
    private final List<Duty> management;
    private final List<Duty> data;
    private final List<Session> sessions = new ArrayList<>();
    private final List<Session> dataSessions = new ArrayList<>();
    private final PriorityQueue<Placed> placed =
            new PriorityQueue<>(
                    Comparator.comparing(Placed::time).thenComparingLong(Placed::ordinal));
    private long made;
    private long placedSoFar;

    public EventGenerator(long seed, Settings settings) {
        this.settings = settings;
        this.random = new SplittableRandom(seed);
        this.casts = new ArrayList<>();
        for (String account : settings.accounts()) {
            List<String> others = new ArrayList<>(settings.accounts());
            others.remove(account);
            casts.add(
                    new Cast(
                            Cast.mix(seed, account.hashCode()),
                            account,
                            List.copyOf(others),
                            settings.people()));
        }
        this.rhythm = new Rhythm(settings.start(), settings.end(), settings.events());
        this.slots = new Slots(random, casts.getFirst());
        this.form = new RecordForm(slots);
        this.management = weighted(false);
        this.data = weighted(true);
    }

    /// Duties as often as their shares say: an even choice from this list is a weighted one.
    private static List<Duty> weighted(boolean data) {
        List<Duty> duties = new ArrayList<>();
        for (Duty duty : DUTIES) {
            List<Call> calls = duty.calls().stream().filter(call -> call.data() == data).toList();
            if (!calls.isEmpty()) {
                Duty part =
                        new Duty(duty.who(), duty.share(), duty.callsMin(), duty.callsMax(), calls);
                for (int i = 0; i < duty.share(); i++) {
                    duties.add(part);
                }
            }
        }
        return List.copyOf(duties);
    }

    /// Places a story among the events to come. Its events count beside [Settings#events].
    ///
    /// @param at when its first step happens; what lies in the past comes next
    /// @throws IllegalArgumentException when its account is none of the settings'
    public void place(Instant at, Story story) {
        Cast cast =
                casts.stream()
                        .filter(one -> one.account().equals(story.account()))
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "expected an account of the settings, got "
                                                + story.account()));
        for (Story.Step step : story.steps()) {
            placed.add(
                    new Placed(at.plus(step.after()), placedSoFar++, cast, story.region(), step));
        }
    }

    /// Whether [Settings#events] and all placed stories have been given out.
    public boolean done() {
        return made >= settings.events() && placed.isEmpty();
    }

    /// The next record, as one line of JSON.
    public byte[] next() {
        Instant time = rhythm.time(made + random.nextDouble());
        Placed first = placed.peek();
        if (first != null && (!first.time.isAfter(time) || made >= settings.events())) {
            placed.remove();
            return tell(first);
        }
        made++;
        return make(time.plusSeconds(random.nextInt(4)));
    }

    private byte[] tell(Placed what) {
        Story.Step step = what.step;
        Call call = Call.named(step.call());
        String region = call.global() ? "us-east-1" : what.region;
        slots.begin(what.cast, region, what.time);
        step.slots().forEach(slots::set);
        Actor actor = Actor.iamUser(what.cast, step.user(), step.sourceIp(), step.userAgent());
        Failure failure =
                step.errorCode().isEmpty()
                        ? null
                        : failure(step.errorCode(), actor, call, what.cast);
        return form.call(Version.V11, actor, region, what.time, call, failure);
    }

    private byte[] make(Instant time) {
        int kind = random.nextInt(10_000);
        if (kind < 4) {
            Cast cast = cast();
            String region = region();
            slots.begin(cast, region, time);
            return form.keyRotation(version(), cast, region, time);
        }
        boolean isData = random.nextDouble() < settings.dataShare();
        List<Session> open = isData ? dataSessions : sessions;
        while (open.size() < SESSIONS) {
            open.add(open(isData ? data : management, time));
        }
        int which = random.nextInt(SESSIONS);
        Session session = open.get(which);
        slots.begin(session.actor.cast(), session.region, time);
        String signsIn = session.signsIn;
        if (signsIn != null) {
            session.signsIn = random.nextInt(12) == 0 ? signsIn : null;
            return form.signIn(
                    session.version, session.actor, signsIn, time, session.signsIn == null);
        }
        Call call = session.duty.calls().get(random.nextInt(session.duty.calls().size()));
        String region = call.global() ? "us-east-1" : session.region;
        byte[] record =
                form.call(
                        session.version, session.actor, region, time, call, mistake(session, call));
        if (--session.callsLeft == 0) {
            open.set(which, open(isData ? data : management, time));
        }
        return record;
    }

    private Session open(List<Duty> duties, Instant time) {
        Duty duty = duties.get(random.nextInt(duties.size()));
        String region = region();
        Actor actor = Actor.of(duty.who(), cast(), region, time, random);
        int calls = duty.callsMin() + random.nextInt(duty.callsMax() - duty.callsMin() + 1);
        if (random.nextInt(60) == 0) {
            // A burst: a script that runs wild, a page that reloads, a scanner.
            calls *= 12;
        }
        String signsIn =
                duty.who() == Duty.Who.CONSOLE && random.nextInt(3) == 0 ? actor.signsInAs() : null;
        return new Session(duty, actor, region, version(), calls, signsIn);
    }

    private @Nullable Failure mistake(Session session, Call call) {
        if (random.nextDouble() >= settings.errorShare() || session.actor.byService()) {
            return null;
        }
        int kind = random.nextInt(10);
        String code =
                switch (call.service()) {
                    case "ec2" ->
                            kind < 6
                                    ? "Client.UnauthorizedOperation"
                                    : kind < 8
                                            ? "Client.RequestLimitExceeded"
                                            : "Client.InvalidInstanceID.NotFound";
                    case "s3" ->
                            kind < 6 ? "AccessDenied" : kind < 8 ? "NoSuchBucket" : "NoSuchTagSet";
                    case "iam" ->
                            kind < 6
                                    ? "AccessDenied"
                                    : kind < 8 ? "Throttling" : "NoSuchEntityException";
                    case "sts",
                            "rds",
                            "sns",
                            "cloudformation",
                            "autoscaling",
                            "elasticloadbalancing",
                            "monitoring" ->
                            kind < 7 ? "AccessDenied" : "Throttling";
                    default ->
                            kind < 6
                                    ? "AccessDeniedException"
                                    : kind < 8
                                            ? "ThrottlingException"
                                            : "ResourceNotFoundException";
                };
        return failure(code, session.actor, call, session.actor.cast());
    }

    private Failure failure(String code, Actor actor, Call call, Cast cast) {
        String message =
                switch (code) {
                    case "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation" ->
                            "User: arn:aws:iam::"
                                    + cast.account()
                                    + ":user/"
                                    + actor.name()
                                    + " is not authorized to perform: "
                                    + call.service()
                                    + ":"
                                    + call.name()
                                    + " because no identity-based policy allows the "
                                    + call.service()
                                    + ":"
                                    + call.name()
                                    + " action";
                    case "Throttling", "ThrottlingException", "Client.RequestLimitExceeded" ->
                            "Rate exceeded";
                    case "NoSuchBucket" -> "The specified bucket does not exist";
                    case "NoSuchTagSet" -> "The TagSet does not exist";
                    case "NoSuchEntityException" -> "The entity with that name cannot be found.";
                    case "Client.InvalidInstanceID.NotFound" -> "The instance ID does not exist";
                    case "Client.OperationNotPermitted" ->
                            "The instance may not be terminated. Modify its disableApiTermination"
                                    + " instance attribute and try again.";
                    case "Client.InstanceLimitExceeded" ->
                            "You have requested more vCPU capacity than your current limit allows";
                    case "InvalidAccessKeyId" ->
                            "The access key ID you provided does not exist in our records.";
                    default -> "The resource does not exist";
                };
        return new Failure(code, message);
    }

    private Cast cast() {
        return casts.get(few(casts.size()));
    }

    private String region() {
        return settings.regions().get(few(settings.regions().size()));
    }

    /// The first ones are busier than the last.
    private int few(int count) {
        double even = random.nextDouble();
        return (int) (even * even * count);
    }

    private Version version() {
        int kind = random.nextInt(100);
        if (kind < 55) {
            return Version.V11;
        }
        if (kind < 65) {
            return Version.V10;
        }
        if (kind < 78) {
            return Version.V09;
        }
        if (kind < 94) {
            return Version.V08;
        }
        return kind < 96 ? Version.V07 : kind < 98 ? Version.V06 : Version.V05;
    }

    private static final class Session {
        private final Duty duty;
        private final Actor actor;
        private final String region;
        private final Version version;
        private int callsLeft;

        /// Who has yet to sign in before the first call.
        private @Nullable String signsIn;

        Session(
                Duty duty,
                Actor actor,
                String region,
                Version version,
                int callsLeft,
                @Nullable String signsIn) {
            this.duty = duty;
            this.actor = actor;
            this.region = region;
            this.version = version;
            this.callsLeft = callsLeft;
            this.signsIn = signsIn;
        }
    }

    private record Placed(Instant time, long ordinal, Cast cast, String region, Story.Step step) {}

    /// What the traffic is like.
    ///
    /// @param accounts at least one; the first is the busiest
    /// @param regions at least one; the first is the busiest
    /// @param people IAM users and people with roles per account, 1 to 26
    /// @param start time of the first event
    /// @param end about when the last of `events` happens
    /// @param events how many there are between start and end, by day and week as people work
    /// @param dataShare share of data events (S3 objects, Lambda invocations, DynamoDB items), 0 to
    ///   1
    /// @param errorShare share of calls that fail, 0 to 1
    public record Settings(
            List<String> accounts,
            List<String> regions,
            int people,
            Instant start,
            Instant end,
            long events,
            double dataShare,
            double errorShare) {
        public Settings {
            accounts = List.copyOf(accounts);
            regions = List.copyOf(regions);
            if (accounts.isEmpty()
                    || regions.isEmpty()
                    || people < 1
                    || people > Cast.PEOPLE.size()
                    || !start.isBefore(end)
                    || events < 1
                    || !(dataShare >= 0 && dataShare <= 1)
                    || !(errorShare >= 0 && errorShare <= 1)) {
                throw new IllegalArgumentException(
                        "expected accounts, regions, 1 to 26 people, a start before the end, events"
                                + " and shares from 0 to 1");
            }
        }

        /// Three accounts in three regions, for 30 days from a start.
        public static Settings month(Instant start, long events) {
            return new Settings(
                    List.of("111122223333", "444455556666", "777788889999"),
                    List.of("us-east-1", "eu-west-1", "ap-southeast-2"),
                    20,
                    start,
                    start.plus(Duration.ofDays(30)),
                    events,
                    0.1,
                    0.03);
        }

        public Settings withAccounts(List<String> newAccounts) {
            return new Settings(
                    newAccounts, regions, people, start, end, events, dataShare, errorShare);
        }

        public Settings withRegions(List<String> newRegions) {
            return new Settings(
                    accounts, newRegions, people, start, end, events, dataShare, errorShare);
        }

        public Settings withDataShare(double share) {
            return new Settings(accounts, regions, people, start, end, events, share, errorShare);
        }

        public Settings withErrorShare(double share) {
            return new Settings(accounts, regions, people, start, end, events, dataShare, share);
        }
    }
}
