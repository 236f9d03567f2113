package dev.cairn.testkit.event;

import java.time.Duration;
import java.time.Instant;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Someone with credentials, at one place, for a while.
///
/// @param userIdentity the record's member, as JSON
/// @param name the user or session name
/// @param sourceIp an address, or the name of the service that calls
/// @param mfa whether the session began with a second factor
/// @param fromConsole calls carry `sessionCredentialFromConsole`
/// @param byService an AWS service calls, for itself or for someone: then there are no TLS details
record Actor(
        Cast cast,
        String userIdentity,
        String name,
        String sourceIp,
        String userAgent,
        boolean mfa,
        boolean fromConsole,
        boolean byService) {

    private static final String IDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private static final String[] BROWSERS = {
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)"
                + " Chrome/138.0.0.0 Safari/537.36",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                + " Chrome/137.0.0.0 Safari/537.36 Edg/137.0.0.0"
    };

    private static final String[] TOOLS = {
        "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4"
                + " md/pyimpl#CPython m/E,b cfg/retry-mode#standard md/installer#exe md/prompt#off",
        "Boto3/1.38.46 md/Botocore#1.38.46 ua/2.1 os/linux#6.8.0-1029-aws md/arch#x86_64"
                + " lang/python#3.12.3 md/pyimpl#CPython m/D,Z,b cfg/retry-mode#legacy"
                + " Botocore/1.38.46",
        "aws-cli/1.29.27 Python/3.11.2 Linux/6.1.0-37-amd64 botocore/1.31.27"
    };

    private static final String[] WORKLOADS = {
        "aws-sdk-java/2.31.78 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.238-234.956.amzn2"
                + " lang/java#21.0.7 md/OpenJDK_64-Bit_Server_VM#21.0.7+6-LTS"
                + " md/vendor#Amazon.com_Inc. md/en_US exec-env/AWS_Lambda_java21 m/N",
        "aws-sdk-js/3.840.0 ua/2.1 os/linux#5.10.238 lang/js md/nodejs#22.16.0 api/dynamodb#3.840.0"
                + " exec-env/AWS_ECS_FARGATE m/E",
        "aws-sdk-go-v2/1.36.5 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#arm64"
                + " api/s3#1.84.0 m/E,G"
    };

    private static final String[] PIPELINES = {
        "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 (+https://www.terraform.io)"
                + " terraform-provider-aws/6.2.0 (+https://registry.terraform.io/providers/hashicorp/aws)"
                + " aws-sdk-go-v2/1.36.5 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#amd64",
        "aws-cli/2.27.50 md/awscrt#0.26.1 ua/2.1 os/linux#6.11.0-1018-azure md/arch#x86_64"
                + " lang/python#3.13.4 md/pyimpl#CPython exec-env/GitHub-Actions m/E,b"
    };

    private static final String[] SERVICES = {
        "lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com",
        "cloudtrail.amazonaws.com", "config.amazonaws.com", "backup.amazonaws.com"
    };

    private static final String[] LINKED = {
        "autoscaling.amazonaws.com", "config.amazonaws.com", "securityhub.amazonaws.com",
        "ecs.amazonaws.com", "lambda.amazonaws.com", "access-analyzer.amazonaws.com"
    };

    static Actor of(Duty.Who who, Cast cast, String region, Instant now, SplittableRandom random) {
        return switch (who) {
            case CONSOLE -> console(cast, now, random);
            case CLI -> cli(cast, now, random);
            case CI -> ci(cast, now, random);
            case APP -> app(cast, now, random);
            case AGENT -> agent(cast, region, now, random);
            case SERVICE -> service(cast, SERVICES[random.nextInt(SERVICES.length)]);
            case LINKED -> linked(cast, LINKED[random.nextInt(LINKED.length)], now, random);
        };
    }

    private static Actor console(Cast cast, Instant now, SplittableRandom random) {
        String user = cast.user(random);
        String address = cast.publicIp(random);
        String browser = BROWSERS[random.nextInt(BROWSERS.length)];
        int kind = random.nextInt(100);
        if (kind < 2) {
            String identity =
                    "{\"type\":\"Root\",\"principalId\":\"%1$s\",\"arn\":\"arn:aws:iam::%1$s:root\",\"accountId\":\"%1$s\",\"accessKeyId\":\"%2$s\",\"sessionContext\":{\"attributes\":{\"creationDate\":\"%3$s\",\"mfaAuthenticated\":\"true\"}}}"
                            .formatted(cast.account(), accessKey("ASIA", random), begun(now));
            return new Actor(cast, identity, "root", address, browser, true, true, false);
        }
        if (kind < 60) {
            String identity =
                    assumed(
                            cast,
                            "AWSReservedSSO_PowerUserAccess_4be1a2c6d0f35987",
                            user + "@example.com",
                            now,
                            "",
                            random);
            return new Actor(
                    cast, identity, user + "@example.com", address, browser, false, true, false);
        }
        boolean mfa = random.nextInt(10) < 8;
        String identity =
                "{\"type\":\"IAMUser\",\"principalId\":\"%s\",\"arn\":\"arn:aws:iam::%s:user/%s\",\"accountId\":\"%s\",\"accessKeyId\":\"%s\",\"userName\":\"%s\",\"sessionContext\":{\"attributes\":{\"creationDate\":\"%s\",\"mfaAuthenticated\":\"%s\"}}}"
                        .formatted(
                                userId(cast, user),
                                cast.account(),
                                user,
                                cast.account(),
                                accessKey("ASIA", random),
                                user,
                                begun(now),
                                mfa);
        return new Actor(cast, identity, user, address, browser, mfa, true, false);
    }

    private static Actor cli(Cast cast, Instant now, SplittableRandom random) {
        String user = cast.user(random);
        String tool = TOOLS[random.nextInt(TOOLS.length)];
        if (random.nextInt(3) == 0) {
            String identity = assumed(cast, "Developer", user, now, "", random);
            return new Actor(
                    cast, identity, user, cast.publicIp(random), tool, false, false, false);
        }
        return iamUser(cast, user, cast.publicIp(random), tool);
    }

    /// A user with a long-lived access key.
    static Actor iamUser(Cast cast, String user, String address, String userAgent) {
        String identity =
                "{\"type\":\"IAMUser\",\"principalId\":\"%s\",\"arn\":\"arn:aws:iam::%s:user/%s\",\"accountId\":\"%s\",\"accessKeyId\":\"%s\",\"userName\":\"%s\"}"
                        .formatted(
                                userId(cast, user),
                                cast.account(),
                                user,
                                cast.account(),
                                longLivedKey(cast, user),
                                user);
        return new Actor(cast, identity, user, address, userAgent, false, false, false);
    }

    private static Actor ci(Cast cast, Instant now, SplittableRandom random) {
        String session = "GitHubActions";
        String identity =
                assumed(
                        cast,
                        "deploy-" + cast.team(random),
                        session,
                        now,
                        ",\"webIdFederationData\":{\"federatedProvider\":\"arn:aws:iam::"
                                + cast.account()
                                + ":oidc-provider/token.actions.githubusercontent.com\",\"attributes\":{}}",
                        random);
        return new Actor(
                cast,
                identity,
                session,
                "192.0.2." + (1 + random.nextInt(250)),
                PIPELINES[random.nextInt(PIPELINES.length)],
                false,
                false,
                false);
    }

    private static Actor app(Cast cast, Instant now, SplittableRandom random) {
        String role = cast.role(random);
        String session = role.substring(0, role.length() - "-role".length());
        return new Actor(
                cast,
                assumed(cast, role, session, now, "", random),
                session,
                "198.51.100." + (1 + random.nextInt(250)),
                WORKLOADS[random.nextInt(WORKLOADS.length)],
                false,
                false,
                false);
    }

    private static Actor agent(Cast cast, String region, Instant now, SplittableRandom random) {
        String instance = cast.hexId("i-", 400, random, region);
        return new Actor(
                cast,
                assumed(
                        cast,
                        "instance-baseline",
                        instance,
                        now,
                        ",\"ec2RoleDelivery\":\"2.0\"",
                        random),
                instance,
                "203.0.113." + (1 + random.nextInt(250)),
                "aws-sdk-go/1.55.5 (go1.23.8; linux; amd64) amazon-ssm-agent/3.3.987.0",
                false,
                false,
                false);
    }

    private static Actor service(Cast cast, String principal) {
        String identity = "{\"type\":\"AWSService\",\"invokedBy\":\"" + principal + "\"}";
        return new Actor(cast, identity, principal, principal, principal, false, false, true);
    }

    private static Actor linked(Cast cast, String principal, Instant now, SplittableRandom random) {
        String service = principal.substring(0, principal.indexOf('.'));
        String identity = assumed(cast, "AWSServiceRoleFor-" + service, service, now, "", random);
        String invoked =
                identity.substring(0, identity.length() - 1)
                        + ",\"invokedBy\":\""
                        + principal
                        + "\"}";
        return new Actor(cast, invoked, service, principal, principal, false, false, true);
    }

    private static String assumed(
            Cast cast,
            String role,
            String session,
            Instant now,
            String more,
            SplittableRandom random) {
        String roleId = "AROA" + id17(Cast.mix(cast.seed(), role.hashCode()));
        return "{\"type\":\"AssumedRole\",\"principalId\":\"%1$s:%2$s\",\"arn\":\"arn:aws:sts::%3$s:assumed-role/%4$s/%2$s\",\"accountId\":\"%3$s\",\"accessKeyId\":\"%5$s\",\"sessionContext\":{\"sessionIssuer\":{\"type\":\"Role\",\"principalId\":\"%1$s\",\"arn\":\"arn:aws:iam::%3$s:role/%4$s\",\"accountId\":\"%3$s\",\"userName\":\"%4$s\"}%6$s,\"attributes\":{\"creationDate\":\"%7$s\",\"mfaAuthenticated\":\"false\"}}}"
                .formatted(
                        roleId,
                        session,
                        cast.account(),
                        role,
                        accessKey("ASIA", random),
                        more,
                        begun(now));
    }

    private static String begun(Instant now) {
        return now.minus(Duration.ofMinutes(now.getEpochSecond() % 50))
                .truncatedTo(java.time.temporal.ChronoUnit.SECONDS)
                .toString();
    }

    private static String accessKey(String prefix, SplittableRandom random) {
        return prefix + Cast.id(IDS, 16, random.nextLong());
    }

    private static String id17(long number) {
        return Cast.id(IDS, 17, number);
    }

    static String userId(Cast cast, String user) {
        return "AIDA" + id17(Cast.mix(cast.seed(), user.hashCode()));
    }

    /// The key a user has always had.
    static String longLivedKey(Cast cast, String user) {
        return "AKIA" + Cast.id(IDS, 16, Cast.mix(cast.seed() + 1, user.hashCode()));
    }

    /// The user name that a console sign-in shows; null for those who do not sign in themselves.
    @Nullable String signsInAs() {
        return mfa || userIdentity.startsWith("{\"type\":\"IAMUser\"") ? name : null;
    }
}
