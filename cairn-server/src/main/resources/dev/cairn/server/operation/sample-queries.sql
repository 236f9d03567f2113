-- Root at work
-- What the root user of an account did, newest first. Root should have next to nothing to do.
SELECT eventTime, eventSource, eventName, sourceIPAddress, userAgent
FROM $EDS_ID
WHERE userIdentity.type = 'Root' AND userIdentity.invokedBy IS NULL
ORDER BY eventTime DESC;

-- Sign-ins without a second factor
-- Who signed in to the console by password alone.
SELECT eventTime, userIdentity.arn, sourceIPAddress, userAgent
FROM $EDS_ID
WHERE eventName = 'ConsoleLogin'
  AND element_at(responseElements, 'ConsoleLogin') = 'Success'
  AND element_at(additionalEventData, 'MFAUsed') = 'No'
ORDER BY eventTime DESC;

-- Failed sign-ins by address
-- Addresses that failed to sign in to the console, and how often: a guessed password shows here.
SELECT sourceIPAddress, count(*) AS failures, count(DISTINCT userIdentity.userName) AS users,
       min(eventTime) AS first, max(eventTime) AS last
FROM $EDS_ID
WHERE eventName = 'ConsoleLogin' AND element_at(responseElements, 'ConsoleLogin') = 'Failure'
GROUP BY sourceIPAddress
ORDER BY failures DESC;

-- Denied calls by principal
-- Who is denied what most often: a role that lacks a right, or somebody who tries doors.
SELECT userIdentity.arn AS principal, eventSource, eventName, count(*) AS denied
FROM $EDS_ID
WHERE errorCode IN ('AccessDenied', 'Client.UnauthorizedOperation', 'AccessDeniedException', 'UnauthorizedOperation')
GROUP BY 1, 2, 3
ORDER BY denied DESC
LIMIT 50;

-- Errors by service
-- Which services answer with errors, with which, and how often.
SELECT eventSource, errorCode, count(*) AS errors
FROM $EDS_ID
WHERE errorCode IS NOT NULL
GROUP BY eventSource, errorCode
ORDER BY errors DESC, eventSource
LIMIT 100;

-- Busiest calls
-- The calls that are made most often.
SELECT eventSource, eventName, count(*) AS calls
FROM $EDS_ID
GROUP BY eventSource, eventName
ORDER BY calls DESC
LIMIT 50;

-- Calls by day
-- How many calls there were on each day, and how many of them changed something.
SELECT date(eventTime) AS day, count(*) AS calls, count_if(NOT readOnly) AS changes, count_if(errorCode IS NOT NULL) AS errors
FROM $EDS_ID
GROUP BY 1
ORDER BY day DESC;

-- Regions in use
-- Where calls are made to. A region that nobody works in should be empty.
SELECT awsRegion, count(*) AS calls, count_if(NOT readOnly) AS changes, max(eventTime) AS last
FROM $EDS_ID
GROUP BY awsRegion
ORDER BY calls DESC;

-- Access keys at work
-- Each long-lived access key, whose it is, from how many addresses it came, and when it was used first and last.
SELECT userIdentity.accessKeyId AS key, max(userIdentity.arn) AS owner, count(*) AS calls,
       count(DISTINCT sourceIPAddress) AS addresses, min(eventTime) AS first, max(eventTime) AS last
FROM $EDS_ID
WHERE userIdentity.accessKeyId LIKE 'AKIA%'
GROUP BY userIdentity.accessKeyId
ORDER BY addresses DESC, calls DESC;

-- First call of each access key
-- When, from where and for what each access key was used for the first time.
SELECT key, eventTime, eventName, sourceIPAddress
FROM (
  SELECT userIdentity.accessKeyId AS key, eventTime, eventName, sourceIPAddress,
         row_number() OVER (PARTITION BY userIdentity.accessKeyId ORDER BY eventTime) AS n
  FROM $EDS_ID
  WHERE userIdentity.accessKeyId IS NOT NULL)
WHERE n = 1
ORDER BY eventTime DESC;

-- Changes to users, roles and policies
-- Every change to IAM, by whom and to what.
SELECT eventTime, userIdentity.arn AS by_whom, eventName,
       coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName'),
                element_at(requestParameters, 'groupName'), element_at(requestParameters, 'policyName')) AS what
FROM $EDS_ID
WHERE eventSource = 'iam.amazonaws.com' AND readOnly = false
ORDER BY eventTime DESC;

-- New access keys and passwords
-- Who made credentials for whom.
SELECT eventTime, userIdentity.arn AS by_whom, eventName, element_at(requestParameters, 'userName') AS for_whom, sourceIPAddress
FROM $EDS_ID
WHERE eventName IN ('CreateAccessKey', 'CreateLoginProfile', 'UpdateLoginProfile', 'CreateServiceSpecificCredential')
ORDER BY eventTime DESC;

-- Who took on which role
-- Each role that was taken on, by whom, and how often.
SELECT element_at(requestParameters, 'roleArn') AS role,
       coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId) AS by_whom,
       count(*) AS times, max(eventTime) AS last
FROM $EDS_ID
WHERE eventSource = 'sts.amazonaws.com' AND eventName LIKE 'AssumeRole%'
GROUP BY 1, 2
ORDER BY times DESC;

-- Roles taken on from other accounts
-- Calls of AssumeRole by an account other than the role's own.
SELECT userIdentity.accountId AS caller, recipientAccountId AS owner, element_at(requestParameters, 'roleArn') AS role, count(*) AS times
FROM $EDS_ID
WHERE eventName = 'AssumeRole' AND userIdentity.accountId IS NOT NULL AND userIdentity.accountId <> recipientAccountId
GROUP BY 1, 2, 3
ORDER BY times DESC;

-- Attempts to stop the recording
-- Calls that end, weaken or delete a trail, an event data store or its bucket.
SELECT eventTime, userIdentity.arn, eventName, errorCode, sourceIPAddress
FROM $EDS_ID
WHERE eventSource = 'cloudtrail.amazonaws.com'
  AND eventName IN ('StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors', 'DeleteEventDataStore', 'StopEventDataStoreIngestion')
ORDER BY eventTime DESC;

-- Buckets opened or closed
-- Changes to who may read a bucket.
SELECT eventTime, userIdentity.arn, eventName, element_at(requestParameters, 'bucketName') AS bucket, errorCode
FROM $EDS_ID
WHERE eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutBucketPublicAccessBlock',
                    'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
ORDER BY eventTime DESC;

-- Security groups opened to the world
-- Rules that let any address in.
SELECT eventTime, userIdentity.arn, element_at(requestParameters, 'groupId') AS security_group,
       element_at(requestParameters, 'ipPermissions') AS rules
FROM $EDS_ID
WHERE eventName = 'AuthorizeSecurityGroupIngress'
  AND (element_at(requestParameters, 'ipPermissions') LIKE '%0.0.0.0/0%' OR element_at(requestParameters, 'ipPermissions') LIKE '%::/0%')
ORDER BY eventTime DESC;

-- Instances started
-- Machines that were started: by whom, of which kind, and how many.
SELECT eventTime, userIdentity.arn, awsRegion, element_at(requestParameters, 'instanceType') AS kind,
       json_extract_scalar(element_at(responseElements, 'instancesSet'), '$.items[0].instanceId') AS first_instance
FROM $EDS_ID
WHERE eventName = 'RunInstances' AND errorCode IS NULL
ORDER BY eventTime DESC;

-- Secrets and parameters read
-- Who fetched which secret.
SELECT userIdentity.arn, eventName,
       coalesce(element_at(requestParameters, 'secretId'), element_at(requestParameters, 'name')) AS secret,
       count(*) AS times, max(eventTime) AS last
FROM $EDS_ID
WHERE eventName IN ('GetSecretValue', 'GetParameter', 'GetParameters')
GROUP BY 1, 2, 3
ORDER BY times DESC;

-- Keys used to encrypt and decrypt
-- Each KMS key, what was done with it, by whom and how often.
SELECT r.arn AS key, eventName, userIdentity.arn AS by_whom, count(*) AS times
FROM $EDS_ID CROSS JOIN UNNEST(resources) AS r(account, type, arn, prefix)
WHERE eventSource = 'kms.amazonaws.com'
GROUP BY 1, 2, 3
ORDER BY times DESC;

-- Everything one event id says
-- The whole record of one event.
SELECT eventJson
FROM $EDS_ID
WHERE eventID = '00000000-0000-0000-0000-000000000000';

-- What came from one address
-- Every call from an address, in order.
SELECT eventTime, userIdentity.arn, eventSource, eventName, errorCode
FROM $EDS_ID
WHERE sourceIPAddress = '198.51.100.1'
ORDER BY eventTime;

-- Everything deleted
-- Calls that deleted, terminated or destroyed something.
SELECT eventTime, userIdentity.arn, eventSource, eventName, awsRegion
FROM $EDS_ID
WHERE regexp_like(eventName, '^(Delete|Terminate|Destroy|Purge|Remove)') AND errorCode IS NULL
ORDER BY eventTime DESC;

-- Old TLS
-- Clients that still speak TLS 1.0 or 1.1, which will be turned away one day.
SELECT userIdentity.arn, userAgent, tlsDetails.tlsVersion, count(*) AS calls
FROM $EDS_ID
WHERE tlsDetails.tlsVersion IN ('TLSv1', 'TLSv1.1')
GROUP BY 1, 2, 3
ORDER BY calls DESC;

-- Work outside of working hours
-- Changes by people between eight in the evening and six in the morning, UTC, or at weekends.
SELECT eventTime, userIdentity.arn, eventSource, eventName
FROM $EDS_ID
WHERE readOnly = false AND userIdentity.invokedBy IS NULL
  AND (hour(eventTime) >= 20 OR hour(eventTime) < 6 OR day_of_week(eventTime) IN (6, 7))
ORDER BY eventTime DESC;

-- Sessions and what they did
-- Each session of a role: how long it was at work, how many calls it made, how many different ones.
SELECT userIdentity.principalId AS session, min(eventTime) AS first, max(eventTime) AS last,
       count(*) AS calls, count(DISTINCT eventName) AS different, count_if(errorCode IS NOT NULL) AS errors
FROM $EDS_ID
WHERE userIdentity.type = 'AssumedRole'
GROUP BY userIdentity.principalId
ORDER BY calls DESC
LIMIT 100;
