package dev.cairn.gateway.decoding;

import dev.cairn.aws.protocol.CallReader.Asked;
import dev.cairn.aws.protocol.Protocol;
import dev.cairn.aws.shape.ServiceModel;
import dev.cairn.aws.style.RecordStyle;
import dev.cairn.aws.style.RecordStyle.Dates;
import dev.cairn.aws.style.RecordStyle.Names;
import dev.cairn.aws.style.RecordStyle.Secrets;
import java.util.Map;
import java.util.Set;

/// How each service's records are written where models do not say: its event source, the style of
/// its documents, the names of its events. Learnt from real records and AWS's pages; a service not
/// named here writes like its kind.
final class Habits {

    /// First labels of event sources that are neither the endpoint's nor the signing name.
    private static final Map<String, String> SOURCES =
            Map.ofEntries(
                    Map.entry("appstream2", "appstream"),
                    Map.entry("application-signals", "applicationsignals"),
                    Map.entry("bedrock-agent", "bedrock"),
                    Map.entry("bedrock-agent-runtime", "bedrock"),
                    Map.entry("bedrock-runtime", "bedrock"),
                    Map.entry("cloudhsmv2", "cloudhsm"),
                    Map.entry("contact-lens", "connect"),
                    Map.entry("email", "ses"),
                    Map.entry("identity-chime", "chime"),
                    Map.entry("ivsrealtime", "ivs"),
                    Map.entry("mail-manager", "ses"),
                    Map.entry("media-pipelines-chime", "chime"),
                    Map.entry("meetings-chime", "chime"),
                    Map.entry("memory-db", "memorydb"),
                    Map.entry("messaging-chime", "chime"),
                    Map.entry("models-v2-lex", "lex"),
                    Map.entry("mq", "amazonmq"),
                    Map.entry("oidc", "sso"),
                    Map.entry("portal.sso", "sso"),
                    Map.entry("rds-data", "rdsdata"),
                    Map.entry("runtime-v2-lex", "lex"),
                    Map.entry("s3-control", "s3"),
                    Map.entry("voice-chime", "chime"));

    /// Services with REST and JSON that show their documents as the older protocols' services do.
    private static final Set<String> OF_OLD =
            Set.of(
                    "apigateway",
                    "appmesh",
                    "backup",
                    "clouddirectory",
                    "cloudsearch",
                    "cognito-sync",
                    "dlm",
                    "elasticfilesystem",
                    "es",
                    "glacier",
                    "lambda",
                    "quicksight",
                    "ses",
                    "workdocs",
                    "xray");

    /// Services with the json protocol that show members as they are on the wire.
    private static final Set<String> AS_ON_THE_WIRE =
            Set.of("applicationinsights", "ce", "cloudshell");

    /// Services that show what an answer's only member holds, without its name.
    private static final Set<String> UNWRAPPING =
            Set.of("docdb", "elasticache", "neptune", "rds", "redshift");

    /// Services that leave secrets out.
    private static final Set<String> OMITTING =
            Set.of("iam", "kms", "lambda", "secretsmanager", "signin", "sts");

    /// Services that show secrets as `***`.
    private static final Set<String> STARRING =
            Set.of("aiops", "amazonmq", "appsync", "cloudshell", "resource-explorer-2");

    /// The operations of Lambda's oldest interfaces that had a second version of themselves.
    private static final Set<String> LAMBDA_SECOND =
            Set.of(
                    "AddPermission",
                    "GetFunction",
                    "GetFunctionConfiguration",
                    "GetPolicy",
                    "RemovePermission",
                    "TagResource",
                    "UntagResource",
                    "UpdateFunctionCode",
                    "UpdateFunctionConfiguration");

    /// Lambda's interfaces whose date stands in the names of events.
    private static final Set<String> LAMBDA_DATED =
            Set.of("2015-03-31", "2016-08-19", "2017-03-31", "2017-10-31", "2018-10-31");

    /// CloudFront's functions keep the date of their interface in the names of events.
    private static final Set<String> CLOUDFRONT_DATED =
            Set.of(
                    "CreateFunction",
                    "DeleteFunction",
                    "DescribeFunction",
                    "GetFunction",
                    "ListFunctions",
                    "PublishFunction",
                    "TestFunction",
                    "UpdateFunction");

    private Habits() {}

    /// The first label of a service's event source.
    static String source(ServiceModel model) {
        String endpoint = model.metadata().endpointPrefix();
        String known = SOURCES.get(endpoint);
        if (known != null) {
            return known;
        }
        return endpoint.indexOf('.') < 0 ? endpoint : model.metadata().signingName();
    }

    /// The same of a service that has no model, by its signing name.
    static String source(String signingName) {
        return SOURCES.getOrDefault(signingName, signingName);
    }

    /// The style of a service's documents.
    static RecordStyle style(String source, Asked asked) {
        boolean old = OF_OLD.contains(source) && !asked.service().equals("apigatewayv2");
        return style(source, asked.protocol() == Protocol.REST_JSON && !old);
    }

    /// The same of a service without a model.
    static RecordStyle style(String source) {
        return style(source, false);
    }

    private static RecordStyle style(String source, boolean young) {
        boolean wire = young || AS_ON_THE_WIRE.contains(source);
        Secrets secrets =
                OMITTING.contains(source)
                        ? Secrets.OMITTED
                        : STARRING.contains(source) ? Secrets.STARS : Secrets.HIDDEN;
        return wire
                ? new RecordStyle(Names.WIRE, Dates.WIRE, secrets, false)
                : new RecordStyle(Names.LOWER_CAMEL, Dates.TEXT, secrets, false);
    }

    /// Whether a service repeats a refusal's message in `responseElements`.
    static boolean repeatsRefusals(Protocol protocol, RecordStyle style) {
        return protocol == Protocol.REST_JSON && style.names() == Names.WIRE;
    }

    /// Whether a service shows what an answer's only member holds instead of the answer.
    static boolean unwraps(String source) {
        return UNWRAPPING.contains(source);
    }

    /// Whether an operation that only reads shows its answer nevertheless: it hands out
    /// credentials.
    static boolean showsAnswer(String source, String operation) {
        return source.equals("sts") && operation.startsWith("AssumeRole");
    }

    /// CloudTrail's name for an operation.
    static String eventName(String source, Asked asked) {
        String name = asked.operation().name();
        return switch (source) {
            case "lambda" -> lambda(name, asked.operation().requestUri());
            case "cloudfront" -> CLOUDFRONT_DATED.contains(name) ? name + "2020_05_31" : name;
            case "s3" -> S3Control.eventName(name);
            default -> name;
        };
    }

    private static String lambda(String name, String uri) {
        String date = uri.length() > 11 ? uri.substring(1, 11) : "";
        return !LAMBDA_DATED.contains(date) || name.startsWith("Invoke")
                ? name
                : name + date.replace("-", "") + (LAMBDA_SECOND.contains(name) ? "v2" : "");
    }
}
