package dev.cairn.event;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds what a call touched, in the record's own list and in what was asked and answered.
///
/// AWS does the same for LookupEvents and does not publish how. Here a name is taken from a member
/// that the table knows, from any ARN, and from anything that looks like one of EC2's ids. It is
/// generous on purpose: a resource found without need costs a term in an index, one not found makes
/// `who` lie.
final class ResourceFinder {
    /// Longer values are no names; S3's keys are the longest, 1,024 bytes.
    private static final int NAME_CHARS_MAX = 1_100;

    private static final Rule[] NO_RULES = {};

    /// Members by the service called; `*` is any other. A dot before the member: only directly in
    /// `requestParameters` or `responseElements`, for words that mean other things further in. `-`
    /// as type: it cannot be told.
    private static final Map<String, Rule[]> RULES =
            rules(
                    """
                    instanceId            *                  AWS::EC2::Instance
                    instanceId            connect            AWS::Connect::Instance
                    instanceId            lightsail          AWS::Lightsail::Instance
                    InstanceId            *                  AWS::EC2::Instance
                    instanceIds           *                  AWS::EC2::Instance
                    instanceIdSet         *                  AWS::EC2::Instance
                    imageId               ec2                AWS::EC2::Image
                    volumeId              *                  AWS::EC2::Volume
                    snapshotId            ec2,ebs            AWS::EC2::Snapshot
                    subnetId              *                  AWS::EC2::Subnet
                    subnetIds             *                  AWS::EC2::Subnet
                    subnetIdentifier      *                  AWS::EC2::Subnet
                    vpcId                 *                  AWS::EC2::VPC
                    vpcEndpointId         *                  AWS::EC2::VPCEndpoint
                    vpcPeeringConnectionId *                 AWS::EC2::VPCPeeringConnection
                    securityGroupId       *                  AWS::EC2::SecurityGroup
                    securityGroupIds      *                  AWS::EC2::SecurityGroup
                    vpcSecurityGroupId    *                  AWS::EC2::SecurityGroup
                    vpcSecurityGroupIds   *                  AWS::EC2::SecurityGroup
                    groupId               ec2                AWS::EC2::SecurityGroup
                    groupId               sso-directory,identitystore AWS::IdentityStore::Group
                    groupName             ec2                AWS::EC2::SecurityGroup
                    groupName             iam                AWS::IAM::Group
                    groupName             xray               AWS::XRay::Group
                    securityGroupRuleId   ec2                AWS::EC2::SecurityGroupRule
                    networkInterfaceId    *                  AWS::EC2::NetworkInterface
                    routeTableId          *                  AWS::EC2::RouteTable
                    internetGatewayId     *                  AWS::EC2::InternetGateway
                    natGatewayId          *                  AWS::EC2::NatGateway
                    networkAclId          *                  AWS::EC2::NetworkAcl
                    allocationId          ec2                AWS::EC2::EIP
                    publicIp              ec2                AWS::EC2::EIP
                    dhcpOptionsId         ec2                AWS::EC2::DHCPOptions
                    flowLogId             ec2                AWS::EC2::FlowLog
                    keyName               ec2                AWS::EC2::KeyPair
                    keyPairId             ec2                AWS::EC2::KeyPair
                    launchTemplateId      *                  AWS::EC2::LaunchTemplate
                    launchTemplateName    *                  AWS::EC2::LaunchTemplate
                    LaunchTemplateName    *                  AWS::EC2::LaunchTemplate
                    reservationId         ec2                AWS::EC2::Reservation
                    transitGatewayId      *                  AWS::EC2::TransitGateway
                    customerGatewayId     ec2                AWS::EC2::CustomerGateway
                    vpnConnectionId       ec2                AWS::EC2::VPNConnection
                    instanceConnectEndpointId *              AWS::EC2::InstanceConnectEndpoint
                    userName              iam                AWS::IAM::User
                    userName              identitystore,sso-directory AWS::IdentityStore::User
                    username              cognito-idp        AWS::Cognito::UserPoolUser
                    userId                identitystore,sso-directory AWS::IdentityStore::User
                    roleName              *                  AWS::IAM::Role
                    roleName              ssm                -
                    role                  lambda             AWS::IAM::Role
                    policyName            iam                AWS::IAM::Policy
                    instanceProfileName   iam                AWS::IAM::InstanceProfile
                    accessKeyId           *                  AWS::IAM::AccessKey
                    virtualMFADeviceName  iam                AWS::IAM::VirtualMFADevice
                    serialNumber          iam                AWS::IAM::VirtualMFADevice
                    serverCertificateName iam                AWS::IAM::ServerCertificate
                    accountAlias          iam                AWS::IAM::AccountAlias
                    assumedRoleId         sts                AWS::STS::AssumedRole
                    federatedUserId       sts                AWS::STS::FederatedUser
                    bucketName            *                  AWS::S3::Bucket
                    .bucket               s3                 AWS::S3::Bucket
                    s3Bucket              *                  AWS::S3::Bucket
                    s3BucketName          *                  AWS::S3::Bucket
                    targetBucket          s3                 AWS::S3::Bucket
                    TargetBucket          s3                 AWS::S3::Bucket
                    functionName          lambda             AWS::Lambda::Function
                    layerName             lambda             AWS::Lambda::LayerVersion
                    tableName             dynamodb,kms       AWS::DynamoDB::Table
                    TableName             dynamodb           AWS::DynamoDB::Table
                    tableName             glue,athena,lakeformation AWS::Glue::Table
                    aws:dynamodb:tableName *                 AWS::DynamoDB::Table
                    backupArn             dynamodb           AWS::DynamoDB::Backup
                    databaseName          glue,athena,lakeformation AWS::Glue::Database
                    workGroup             athena             AWS::Athena::WorkGroup
                    queryExecutionId      athena             AWS::Athena::QueryExecution
                    keyId                 kms                AWS::KMS::Key
                    targetKeyId           kms                AWS::KMS::Key
                    destinationKeyId      kms                AWS::KMS::Key
                    sourceKeyId           kms                AWS::KMS::Key
                    kmsKeyId              *                  AWS::KMS::Key
                    kMSMasterKeyId        *                  AWS::KMS::Key
                    masterKeyId           *                  AWS::KMS::Key
                    aliasName             kms                AWS::KMS::Alias
                    customKeyStoreId      kms                AWS::KMS::CustomKeyStore
                    aws:ebs:id            *                  AWS::EC2::Volume
                    .name                 cloudtrail         AWS::CloudTrail::Trail
                    trailName             cloudtrail         AWS::CloudTrail::Trail
                    .trailNameList        cloudtrail         AWS::CloudTrail::Trail
                    .eventDataStore       cloudtrail         AWS::CloudTrail::EventDataStore
                    .channel              cloudtrail         AWS::CloudTrail::Channel
                    dBInstanceIdentifier  rds,neptune        AWS::RDS::DBInstance
                    dbInstanceIdentifier  rds                AWS::RDS::DBInstance
                    sourceDBInstanceIdentifier rds           AWS::RDS::DBInstance
                    targetDBInstanceIdentifier rds           AWS::RDS::DBInstance
                    dBClusterIdentifier   rds                AWS::RDS::DBCluster
                    sourceDBClusterIdentifier rds            AWS::RDS::DBCluster
                    targetDbClusterIdentifier rds            AWS::RDS::DBCluster
                    globalClusterIdentifier rds              AWS::RDS::GlobalCluster
                    dBSnapshotIdentifier  rds                AWS::RDS::DBSnapshot
                    sourceDBSnapshotIdentifier rds           AWS::RDS::DBSnapshot
                    targetDBSnapshotIdentifier rds           AWS::RDS::DBSnapshot
                    finalDBSnapshotIdentifier rds            AWS::RDS::DBSnapshot
                    dBClusterSnapshotIdentifier rds          AWS::RDS::DBClusterSnapshot
                    sourceDBClusterSnapshotIdentifier rds    AWS::RDS::DBClusterSnapshot
                    targetDBClusterSnapshotIdentifier rds    AWS::RDS::DBClusterSnapshot
                    finalDBClusterSnapshotIdentifier rds     AWS::RDS::DBClusterSnapshot
                    dBParameterGroupName  rds                AWS::RDS::DBParameterGroup
                    dBSecurityGroupName   rds                AWS::RDS::DBSecurityGroup
                    dBSubnetGroupName     rds                AWS::RDS::DBSubnetGroup
                    optionGroupName       rds                AWS::RDS::OptionGroup
                    clusterIdentifier     redshift           AWS::Redshift::Cluster
                    cacheClusterId        elasticache        AWS::ElastiCache::CacheCluster
                    replicationGroupId    elasticache        AWS::ElastiCache::ReplicationGroup
                    stackName             cloudformation     AWS::CloudFormation::Stack
                    stackSetName          cloudformation     AWS::CloudFormation::StackSet
                    changeSetName         cloudformation     AWS::CloudFormation::ChangeSet
                    secretId              secretsmanager     AWS::SecretsManager::Secret
                    .name                 secretsmanager     AWS::SecretsManager::Secret
                    queueUrl              *                  AWS::SQS::Queue
                    queueName             sqs                AWS::SQS::Queue
                    topicArn              *                  AWS::SNS::Topic
                    .name                 sns                AWS::SNS::Topic
                    snsTopicName          cloudtrail         AWS::SNS::Topic
                    .name                 ssm                AWS::SSM::Parameter
                    names                 ssm                AWS::SSM::Parameter
                    .path                 ssm                AWS::SSM::Parameter
                    resourceId            ssm                -
                    documentName          ssm                AWS::SSM::Document
                    associationId         ssm                AWS::SSM::Association
                    commandId             ssm                AWS::SSM::Command
                    .sessionId            ssm                AWS::SSM::Session
                    .target               ssm                AWS::EC2::Instance
                    logGroupName          logs               AWS::Logs::LogGroup
                    logGroup              lambda             AWS::Logs::LogGroup
                    logStreamName         logs               AWS::Logs::LogStream
                    filterName            logs               AWS::Logs::MetricFilter
                    alarmName             monitoring         AWS::CloudWatch::Alarm
                    alarmNames            monitoring         AWS::CloudWatch::Alarm
                    dashboardName         monitoring         AWS::CloudWatch::Dashboard
                    dashboardNames        monitoring         AWS::CloudWatch::Dashboard
                    .name                 events             AWS::Events::Rule
                    .rule                 events             AWS::Events::Rule
                    eventBusName          events             AWS::Events::EventBus
                    repositoryName        ecr                AWS::ECR::Repository
                    repositoryName        codecommit         AWS::CodeCommit::Repository
                    .cluster              ecs                AWS::ECS::Cluster
                    clusterName           ecs                AWS::ECS::Cluster
                    serviceName           ecs                AWS::ECS::Service
                    .service              ecs                AWS::ECS::Service
                    taskDefinition        ecs                AWS::ECS::TaskDefinition
                    family                ecs                AWS::ECS::TaskDefinition
                    .name                 eks                AWS::EKS::Cluster
                    clusterName           eks                AWS::EKS::Cluster
                    nodegroupName         eks                AWS::EKS::Nodegroup
                    streamName            kinesis            AWS::Kinesis::Stream
                    deliveryStreamName    firehose           AWS::KinesisFirehose::DeliveryStream
                    autoScalingGroupName  autoscaling        AWS::AutoScaling::AutoScalingGroup
                    autoScalingGroupNames autoscaling        AWS::AutoScaling::AutoScalingGroup
                    launchConfigurationName autoscaling      AWS::AutoScaling::LaunchConfiguration
                    loadBalancerName      elasticloadbalancing AWS::ElasticLoadBalancing::LoadBalancer
                    fileSystemId          elasticfilesystem  AWS::EFS::FileSystem
                    mountTargetId         elasticfilesystem  AWS::EFS::MountTarget
                    restApiId             apigateway         AWS::ApiGateway::RestApi
                    apiId                 apigateway         AWS::ApiGatewayV2::Api
                    apiId                 appsync            AWS::AppSync::GraphQLApi
                    hostedZoneId          *                  AWS::Route53::HostedZone
                    .id                   route53            AWS::Route53::HostedZone
                    .id                   cloudfront         AWS::CloudFront::Distribution
                    distributionId        cloudfront         AWS::CloudFront::Distribution
                    certificateArn        *                  AWS::CertificateManager::Certificate
                    detectorId            guardduty          AWS::GuardDuty::Detector
                    configRuleName        config             AWS::Config::ConfigRule
                    configurationRecorderName config         AWS::Config::ConfigurationRecorder
                    deliveryChannelName   config             AWS::Config::DeliveryChannel
                    backupVaultName       backup             AWS::Backup::BackupVault
                    backupPlanId          backup             AWS::Backup::BackupPlan
                    userPoolId            cognito-idp        AWS::Cognito::UserPool
                    identityPoolId        cognito-identity   AWS::Cognito::IdentityPool
                    domainName            es                 AWS::Elasticsearch::Domain
                    domainName            cloudsearch        AWS::CloudSearch::Domain
                    .accountId            organizations      AWS::Organizations::Account
                    organizationalUnitId  organizations      AWS::Organizations::OrganizationalUnit
                    .policyId             organizations      AWS::Organizations::Policy
                    vaultName             glacier            AWS::Glacier::Vault
                    brokerId              amazonmq           AWS::AmazonMQ::Broker
                    clusterName           dax                AWS::DAX::Cluster
                    clusterId             cloudhsm           AWS::CloudHSM::Cluster
                    jobName               glue               AWS::Glue::Job
                    crawlerName           glue               AWS::Glue::Crawler
                    projectName           codebuild          AWS::CodeBuild::Project
                    pipelineName          codepipeline       AWS::CodePipeline::Pipeline
                    notebookInstanceName  sagemaker          AWS::SageMaker::NotebookInstance
                    endpointName          sagemaker          AWS::SageMaker::Endpoint
                    trainingJobName       sagemaker          AWS::SageMaker::TrainingJob
                    stateMachineArn       states             AWS::StepFunctions::StateMachine
                    profileId             rolesanywhere      AWS::RolesAnywhere::Profile
                    trustAnchorId         rolesanywhere      AWS::RolesAnywhere::TrustAnchor
                    guardrailIdentifier   bedrock            AWS::Bedrock::Guardrail
                    modelId               bedrock            AWS::Bedrock::Model
                    permissionSetArn      sso                AWS::SSO::PermissionSet
                    meshName              appmesh            AWS::AppMesh::Mesh
                    virtualNodeName       appmesh            AWS::AppMesh::VirtualNode
                    virtualGatewayName    appmesh            AWS::AppMesh::VirtualGateway
                    fleetName             appstream          AWS::AppStream::Fleet
                    analyzerName          access-analyzer    AWS::AccessAnalyzer::Analyzer
                    webACLId              wafv2,waf          AWS::WAFv2::WebACL
                    """);

    /// EC2's ids: the word before the dash tells the type, eight or seventeen hexadecimal digits
    /// follow it.
    private static final Map<String, Rule> ID_RULES =
            idRules(
                    """
                    acl          AWS::EC2::NetworkAcl
                    ami          AWS::EC2::Image
                    cgw          AWS::EC2::CustomerGateway
                    cr           AWS::EC2::CapacityReservation
                    cvpn-endpoint AWS::EC2::ClientVpnEndpoint
                    dopt         AWS::EC2::DHCPOptions
                    eici         AWS::EC2::InstanceConnectEndpoint
                    eigw         AWS::EC2::EgressOnlyInternetGateway
                    eipalloc     AWS::EC2::EIP
                    eipassoc     AWS::EC2::EIPAssociation
                    eni          AWS::EC2::NetworkInterface
                    eni-attach   AWS::EC2::NetworkInterfaceAttachment
                    fl           AWS::EC2::FlowLog
                    fs           AWS::EFS::FileSystem
                    fsap         AWS::EFS::AccessPoint
                    fsmt         AWS::EFS::MountTarget
                    i            AWS::EC2::Instance
                    igw          AWS::EC2::InternetGateway
                    key          AWS::EC2::KeyPair
                    lt           AWS::EC2::LaunchTemplate
                    mi           AWS::SSM::ManagedNode
                    nat          AWS::EC2::NatGateway
                    pcx          AWS::EC2::VPCPeeringConnection
                    pl           AWS::EC2::PrefixList
                    r            AWS::EC2::Reservation
                    rtb          AWS::EC2::RouteTable
                    rtbassoc     AWS::EC2::SubnetRouteTableAssociation
                    sg           AWS::EC2::SecurityGroup
                    sgr          AWS::EC2::SecurityGroupRule
                    sir          AWS::EC2::SpotInstanceRequest
                    snap         AWS::EC2::Snapshot
                    subnet       AWS::EC2::Subnet
                    tgw          AWS::EC2::TransitGateway
                    tgw-attach   AWS::EC2::TransitGatewayAttachment
                    tgw-rtb      AWS::EC2::TransitGatewayRouteTable
                    tmf          AWS::EC2::TrafficMirrorFilter
                    tms          AWS::EC2::TrafficMirrorSession
                    tmt          AWS::EC2::TrafficMirrorTarget
                    vgw          AWS::EC2::VPNGateway
                    vol          AWS::EC2::Volume
                    vpc          AWS::EC2::VPC
                    vpce         AWS::EC2::VPCEndpoint
                    vpn          AWS::EC2::VPNConnection
                    """);

    private static final int ID_WORD_MAX =
            ID_RULES.keySet().stream().mapToInt(String::length).max().orElseThrow();

    /// IAM's words before the ARN in the message of a denied call.
    private static final String ON_RESOURCE = "on resource: ";

    /// What services write in the place of a name they must not or cannot tell.
    private static final Set<String> NO_NAMES =
            Set.of("*", "-", "...", "HIDDEN_DUE_TO_SECURITY_REASONS", "null");

    private final List<Candidate> candidates = new ArrayList<>();
    private final Set<Resource> listed = new LinkedHashSet<>();
    private String bucket = "";
    private String key = "";

    /// Takes an item of the record's own `resources`.
    void listed(String arn, String type) {
        if (listed.size() >= EventReader.RESOURCES_MAX || arn.length() > NAME_CHARS_MAX) {
            return;
        }
        Resource resource = Arn.is(arn) ? Arn.resource(arn, type) : null;
        if (resource == null && !NO_NAMES.contains(arn) && !arn.isEmpty()) {
            resource = new Resource(type, arn);
        }
        if (resource != null) {
            listed.add(resource);
        }
    }

    /// Looks through a member of the record; the parser stands on its value and is left at its end.
    void search(Reading reading, JsonParser parser, JsonToken value)
            throws IOException, Reading.Refusal {
        walk(reading, parser, value, "", 0);
    }

    /// Takes the ARN of which IAM says that it was out of reach: a refused call often has no
    /// parameters, and yet it must be found among those who tried.
    void refused(String errorMessage) {
        int at = errorMessage.indexOf(ON_RESOURCE);
        if (at < 0) {
            return;
        }
        int from = at + ON_RESOURCE.length();
        int to = from;
        while (to < errorMessage.length() && !endsArn(errorMessage.charAt(to))) {
            to++;
        }
        String arn = errorMessage.substring(from, to);
        if (Arn.is(arn) && arn.length() <= NAME_CHARS_MAX) {
            candidates.add(new Candidate(NO_RULES, null, 0, arn));
        }
    }

    private static boolean endsArn(char c) {
        return c == ' ' || c == '"' || c == ',' || c == ')';
    }

    /// Recursion is bounded by [EventReader#NESTING_MAX].
    private void walk(Reading reading, JsonParser parser, JsonToken value, String member, int level)
            throws IOException, Reading.Refusal {
        switch (value) {
            case START_OBJECT -> {
                while (reading.next(parser) == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    walk(reading, parser, reading.next(parser), name, level + 1);
                }
            }
            case START_ARRAY -> {
                JsonToken item = reading.next(parser);
                while (item != JsonToken.END_ARRAY) {
                    walk(reading, parser, item, member, level);
                    item = reading.next(parser);
                }
            }
            case VALUE_STRING -> text(reading, parser, member, level);
            default -> {
                // Numbers, truths and null name nothing.
            }
        }
    }

    private void text(Reading reading, JsonParser parser, String member, int level)
            throws IOException {
        int length = parser.getTextLength();
        if (length == 0
                || length > NAME_CHARS_MAX
                || candidates.size() >= 4 * EventReader.RESOURCES_MAX) {
            return;
        }
        Rule[] byMember = RULES.get(member);
        char[] chars = parser.getTextCharacters();
        int from = parser.getTextOffset();
        Rule byForm = idRule(chars, from, length);
        if (byMember != null || byForm != null || isArn(chars, from, length)) {
            candidates.add(
                    new Candidate(
                            byMember == null ? NO_RULES : byMember,
                            byForm,
                            level,
                            reading.clean(parser.getText())));
        }
        if (level == 1 && member.equals("bucketName") && bucket.isEmpty()) {
            bucket = reading.clean(parser.getText());
        } else if (level == 1 && member.equals("key") && key.isEmpty()) {
            key = reading.clean(parser.getText());
        }
    }

    private static boolean isArn(char[] chars, int from, int length) {
        return length > 8
                && chars[from] == 'a'
                && chars[from + 1] == 'r'
                && chars[from + 2] == 'n'
                && chars[from + 3] == ':';
    }

    private static @Nullable Rule idRule(char[] chars, int from, int length) {
        if (length < 10 || length > ID_WORD_MAX + 18) {
            return null;
        }
        int digitsAt = from + length;
        while (digitsAt > from && isHex(chars[digitsAt - 1])) {
            digitsAt--;
        }
        int digits = from + length - digitsAt;
        if (digitsAt - from < 2 || chars[digitsAt - 1] != '-' || (digits != 8 && digits != 17)) {
            return null;
        }
        return ID_RULES.get(new String(chars, from, digitsAt - 1 - from));
    }

    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    /// What was found, the record's own list first.
    ///
    /// @param service such as `ec2`
    List<Resource> found(String service) {
        if (candidates.isEmpty()) {
            return List.copyOf(listed);
        }
        Set<Resource> found = new LinkedHashSet<>(listed);
        if (service.equals("s3") && !bucket.isEmpty() && !key.isEmpty()) {
            add(found, new Resource("AWS::S3::Object", bucket + "/" + key));
        }
        List<Resource> untyped = new ArrayList<>();
        for (Candidate candidate : candidates) {
            Resource resource = resource(candidate, service);
            if (resource == null) {
                continue;
            }
            if (resource.type().isEmpty()) {
                untyped.add(resource);
            } else {
                add(found, resource);
            }
        }
        // A name whose type one place tells and another does not is one resource.
        Set<String> names = new HashSet<>();
        for (Resource resource : found) {
            names.add(resource.name());
        }
        for (Resource resource : untyped) {
            if (names.add(resource.name())) {
                add(found, resource);
            }
        }
        return List.copyOf(found);
    }

    private static void add(Set<Resource> found, Resource resource) {
        if (found.size() < EventReader.RESOURCES_MAX) {
            found.add(resource);
        }
    }

    private static @Nullable Resource resource(Candidate candidate, String service) {
        Rule rule = candidate.ruleFor(service);
        String text = candidate.text;
        if (Arn.is(text)) {
            return Arn.resource(text, "");
        }
        if (rule == null || NO_NAMES.contains(text)) {
            return null;
        }
        String name = text;
        if (rule.type.equals("AWS::SQS::Queue") || rule.type.equals("AWS::Route53::HostedZone")) {
            name = text.substring(text.lastIndexOf('/') + 1);
        }
        return name.isEmpty() ? null : new Resource(rule.type, name);
    }

    private static Map<String, Rule[]> rules(String text) {
        Map<String, List<Rule>> rules = new HashMap<>();
        for (String[] row : Table.rows(text)) {
            boolean top = row[0].startsWith(".");
            String member = top ? row[0].substring(1) : row[0];
            String type = row[2].equals("-") ? "" : row[2];
            for (String service : row[1].split(",", -1)) {
                rules.computeIfAbsent(member, _ -> new ArrayList<>())
                        .add(new Rule(service, top ? 1 : Integer.MAX_VALUE, type));
            }
        }
        Map<String, Rule[]> found = new HashMap<>();
        rules.forEach((member, list) -> found.put(member, list.toArray(NO_RULES)));
        return Map.copyOf(found);
    }

    private static Map<String, Rule> idRules(String text) {
        Map<String, Rule> rules = new HashMap<>();
        Table.pairs(text)
                .forEach((word, type) -> rules.put(word, new Rule("*", Integer.MAX_VALUE, type)));
        return Map.copyOf(rules);
    }

    /// @param levelMax how deep the member may lie; 1 is directly in `requestParameters`
    private record Rule(String service, int levelMax, String type) {}

    private static final class Candidate {
        private final Rule[] rules;
        private final @Nullable Rule byForm;
        private final int level;
        private final String text;

        Candidate(Rule[] rules, @Nullable Rule byForm, int level, String text) {
            this.rules = rules;
            this.byForm = byForm;
            this.level = level;
            this.text = text;
        }

        /// Rules wait for the end of the record, because `eventSource` may stand after what was
        /// asked.
        @Nullable Rule ruleFor(String service) {
            Rule any = null;
            for (Rule rule : rules) {
                if (level > rule.levelMax) {
                    continue;
                }
                if (rule.service.equals(service)) {
                    return rule;
                }
                if (rule.service.equals("*")) {
                    any = rule;
                }
            }
            return any == null ? byForm : any;
        }
    }
}
