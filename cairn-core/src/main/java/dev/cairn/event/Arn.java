package dev.cairn.event;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The parts of an ARN that a resource's type and name are taken from. Kept small on purpose: ARNs
/// in records are often redacted or wrong, and nothing is refused for that.
final class Arn {
    /// Types by service and kind (the word before the first `/` or `:` of the resource part), for
    /// the kinds that records name most; the kind is empty where the service puts none.
    private static final Map<String, String> TYPES =
            Table.pairs(
                    """
                    acm/certificate            AWS::CertificateManager::Certificate
                    apigateway/                AWS::ApiGateway::RestApi
                    autoscaling/autoScalingGroup AWS::AutoScaling::AutoScalingGroup
                    athena/workgroup           AWS::Athena::WorkGroup
                    backup/backup-vault        AWS::Backup::BackupVault
                    backup/backup-plan         AWS::Backup::BackupPlan
                    backup/recovery-point      AWS::Backup::RecoveryPoint
                    cloudformation/stack       AWS::CloudFormation::Stack
                    cloudformation/stackset    AWS::CloudFormation::StackSet
                    cloudfront/distribution    AWS::CloudFront::Distribution
                    cloudtrail/trail           AWS::CloudTrail::Trail
                    cloudtrail/eventdatastore  AWS::CloudTrail::EventDataStore
                    cloudtrail/channel         AWS::CloudTrail::Channel
                    cloudtrail/dashboard       AWS::CloudTrail::Dashboard
                    cloudwatch/alarm           AWS::CloudWatch::Alarm
                    codebuild/project          AWS::CodeBuild::Project
                    cognito-identity/identitypool AWS::Cognito::IdentityPool
                    cognito-idp/userpool       AWS::Cognito::UserPool
                    dynamodb/table             AWS::DynamoDB::Table
                    ec2/image                  AWS::EC2::Image
                    ec2/instance               AWS::EC2::Instance
                    ec2/internet-gateway       AWS::EC2::InternetGateway
                    ec2/key-pair               AWS::EC2::KeyPair
                    ec2/launch-template        AWS::EC2::LaunchTemplate
                    ec2/natgateway             AWS::EC2::NatGateway
                    ec2/network-acl            AWS::EC2::NetworkAcl
                    ec2/network-interface      AWS::EC2::NetworkInterface
                    ec2/route-table            AWS::EC2::RouteTable
                    ec2/security-group         AWS::EC2::SecurityGroup
                    ec2/snapshot               AWS::EC2::Snapshot
                    ec2/subnet                 AWS::EC2::Subnet
                    ec2/volume                 AWS::EC2::Volume
                    ec2/vpc                    AWS::EC2::VPC
                    ec2/vpc-endpoint           AWS::EC2::VPCEndpoint
                    ec2/capacity-reservation   AWS::EC2::CapacityReservation
                    ecr/repository             AWS::ECR::Repository
                    ecs/cluster                AWS::ECS::Cluster
                    ecs/container-instance     AWS::ECS::ContainerInstance
                    ecs/service                AWS::ECS::Service
                    ecs/task                   AWS::ECS::Task
                    ecs/task-definition        AWS::ECS::TaskDefinition
                    eks/cluster                AWS::EKS::Cluster
                    eks/nodegroup              AWS::EKS::Nodegroup
                    elasticache/cluster        AWS::ElastiCache::CacheCluster
                    elasticfilesystem/file-system AWS::EFS::FileSystem
                    elasticloadbalancing/loadbalancer AWS::ElasticLoadBalancingV2::LoadBalancer
                    elasticloadbalancing/targetgroup  AWS::ElasticLoadBalancingV2::TargetGroup
                    elasticloadbalancing/listener     AWS::ElasticLoadBalancingV2::Listener
                    es/domain                  AWS::Elasticsearch::Domain
                    events/event-bus           AWS::Events::EventBus
                    events/rule                AWS::Events::Rule
                    firehose/deliverystream    AWS::KinesisFirehose::DeliveryStream
                    glue/database              AWS::Glue::Database
                    glue/job                   AWS::Glue::Job
                    glue/table                 AWS::Glue::Table
                    guardduty/detector         AWS::GuardDuty::Detector
                    iam/group                  AWS::IAM::Group
                    iam/instance-profile       AWS::IAM::InstanceProfile
                    iam/mfa                    AWS::IAM::VirtualMFADevice
                    iam/oidc-provider          AWS::IAM::OIDCProvider
                    iam/policy                 AWS::IAM::Policy
                    iam/role                   AWS::IAM::Role
                    iam/saml-provider          AWS::IAM::SAMLProvider
                    iam/server-certificate     AWS::IAM::ServerCertificate
                    iam/user                   AWS::IAM::User
                    kinesis/stream             AWS::Kinesis::Stream
                    kms/alias                  AWS::KMS::Alias
                    kms/key                    AWS::KMS::Key
                    lambda/event-source-mapping AWS::Lambda::EventSourceMapping
                    lambda/function            AWS::Lambda::Function
                    lambda/layer               AWS::Lambda::LayerVersion
                    logs/log-group             AWS::Logs::LogGroup
                    mq/broker                  AWS::AmazonMQ::Broker
                    organizations/account      AWS::Organizations::Account
                    organizations/organization AWS::Organizations::Organization
                    organizations/ou           AWS::Organizations::OrganizationalUnit
                    organizations/policy       AWS::Organizations::Policy
                    rds/cluster                AWS::RDS::DBCluster
                    rds/cluster-snapshot       AWS::RDS::DBClusterSnapshot
                    rds/db                     AWS::RDS::DBInstance
                    rds/snapshot               AWS::RDS::DBSnapshot
                    rds/subgrp                 AWS::RDS::DBSubnetGroup
                    redshift/cluster           AWS::Redshift::Cluster
                    rolesanywhere/profile      AWS::RolesAnywhere::Profile
                    rolesanywhere/trust-anchor AWS::RolesAnywhere::TrustAnchor
                    route53/hostedzone         AWS::Route53::HostedZone
                    sagemaker/endpoint         AWS::SageMaker::Endpoint
                    sagemaker/notebook-instance AWS::SageMaker::NotebookInstance
                    secretsmanager/secret      AWS::SecretsManager::Secret
                    ses/identity               AWS::SES::EmailIdentity
                    sns/                       AWS::SNS::Topic
                    sqs/                       AWS::SQS::Queue
                    ssm/association            AWS::SSM::Association
                    ssm/document               AWS::SSM::Document
                    ssm/managed-instance       AWS::SSM::ManagedNode
                    ssm/parameter              AWS::SSM::Parameter
                    states/execution           AWS::StepFunctions::Execution
                    states/stateMachine        AWS::StepFunctions::StateMachine
                    sts/assumed-role           AWS::STS::AssumedRole
                    sts/federated-user         AWS::STS::FederatedUser
                    wafv2/regional             AWS::WAFv2::WebACL
                    """);

    private Arn() {}

    static boolean is(String text) {
        return text.startsWith("arn:");
    }

    /// The resource an ARN names.
    ///
    /// @param type as the record tells it; when empty, told from the ARN, and empty if that fails
    /// @return null when the ARN has no resource part
    static @Nullable Resource resource(String arn, String type) {
        int at = 0;
        int serviceAt = 0;
        int serviceEnd = 0;
        for (int colon = 0; colon < 5; colon++) {
            at = arn.indexOf(':', at) + 1;
            if (at == 0) {
                return null;
            }
            if (colon == 1) {
                serviceAt = at;
            } else if (colon == 2) {
                serviceEnd = at - 1;
            }
        }
        String service = arn.substring(serviceAt, serviceEnd);
        String rest = arn.substring(at);
        if (rest.isEmpty()) {
            return null;
        }
        if (service.equals("s3") && arn.startsWith("::", serviceEnd + 1)) {
            // Buckets and objects have neither region nor account in their ARNs; jobs and others
            // do.
            return s3(rest, type);
        }
        int split = separator(rest);
        String kind = split < 0 ? "" : rest.substring(0, split);
        String told = type.isEmpty() ? TYPES.getOrDefault(service + "/" + kind, "") : type;
        String name = name(service, kind, split < 0 ? rest : rest.substring(split + 1));
        return name.isEmpty() ? null : new Resource(told, name);
    }

    private static Resource s3(String rest, String type) {
        int slash = rest.indexOf('/');
        boolean bucket = slash < 0 || slash == rest.length() - 1 || rest.endsWith("/*");
        String told = !type.isEmpty() ? type : bucket ? "AWS::S3::Bucket" : "AWS::S3::Object";
        boolean nameOnly = slash >= 0 && (bucket || told.equals("AWS::S3::Bucket"));
        return new Resource(told, nameOnly ? rest.substring(0, slash) : rest);
    }

    private static int separator(String rest) {
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (c == '/' || c == ':') {
                return i;
            }
        }
        return -1;
    }

    /// What people call it: IAM's path, a function's version, a table's index, a stack's id and a
    /// log group's star are no part of a name; the slash of a parameter's is.
    private static String name(String service, String kind, String rest) {
        return switch (service) {
            case "iam", "glue" -> rest.substring(rest.lastIndexOf('/') + 1);
            case "lambda", "logs" -> until(rest, ':');
            case "dynamodb", "cloudformation" -> until(rest, '/');
            case "ssm" -> kind.equals("parameter") && rest.indexOf('/') >= 0 ? "/" + rest : rest;
            case "secretsmanager" -> withoutSuffix(rest);
            case "apigateway" ->
                    rest.startsWith("restapis/") ? until(rest.substring(9), '/') : rest;
            case "kms" -> kind.equals("alias") ? "alias/" + rest : rest;
            default -> rest;
        };
    }

    /// A secret's name without the six random signs that its ARN has after it. A part of a name
    /// that is no more than a word is kept: partial ARNs without those signs do occur.
    private static String withoutSuffix(String rest) {
        int dash = rest.length() - 7;
        if (dash < 1 || rest.charAt(dash) != '-') {
            return rest;
        }
        boolean word = true;
        for (int i = dash + 1; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (!Character.isLetterOrDigit(c)) {
                return rest;
            }
            word &= c >= 'a' && c <= 'z';
        }
        return word ? rest : rest.substring(0, dash);
    }

    private static String until(String text, char end) {
        int at = text.indexOf(end);
        return at < 0 ? text : text.substring(0, at);
    }
}
