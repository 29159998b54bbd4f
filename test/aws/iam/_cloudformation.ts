import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Resource } from "../../deploy/stack/_package.ts";
import { virtualEnvironment } from "../../support/python/environment.ts";
import { requestsOf } from "./_arns.ts";
import type { Request } from "./_policies.ts";

/** A permission that a resource needs, and the property of the resource that makes it necessary. */
interface Conditional {
  permission: RegExp;
  property: RegExp;
}

/**
 * The schemas name the permissions for every property of a type. These are for properties that have to do with a service, or
 * a part of one, of their own. A resource that sets such a property needs them, too.
 */
const CONDITIONAL: Conditional[] = [
  { permission: /^kms:|KmsKey$/, property: /Kms|KMS/ },
  { permission: /^ec2:/, property: /^VpcConfig$/ },
  { permission: /^(elasticfilesystem|s3files):/, property: /^FileSystemConfigs$/ },
  { permission: /CodeSigningConfig$/, property: /^CodeSigningConfigArn$/ },
  { permission: /GetLayerVersion$/, property: /^Layers$/ },
  { permission: /PutRuntimeManagementConfig$|AssociateRuntimeAlias$/, property: /^RuntimeManagementConfig$/ },
  { permission: /PutFunctionRecursionConfig$/, property: /^RecursiveLoop$/ },
  { permission: /PutFunctionScalingConfig$/, property: /^FunctionScalingConfig$/ },
  { permission: /PassCapacityProvider$/, property: /^CapacityProviderConfig$/ },
  { permission: /PublishVersion$/, property: /^PublishToLatestPublished$/ },
  { permission: /(At|De)tachRolePolicy$/, property: /^ManagedPolicyArns$/ },
  // A boundary is never taken away: the role of previews must not be able to.
  { permission: /DeleteRolePermissionsBoundary$/, property: /^$/ },
  { permission: /(Put|Delete)DataProtectionPolicy$|s3:REST|^firehose:/, property: /^DataProtectionPolicy$/ },
  { permission: /logs:CreateLogDelivery$/, property: /^DataProtectionPolicy$/ },
  { permission: /(Put|Delete)IndexPolicy$/, property: /^FieldIndexPolicies$/ },
  { permission: /logs:(Put|Delete)ResourcePolicy$/, property: /^ResourcePolicyDocument$/ },
  { permission: /PutLogGroupDeletionProtection$/, property: /^DeletionProtectionEnabled$/ },
  { permission: /PutBearerTokenAuthentication$/, property: /^BearerTokenAuthenticationEnabled$/ },
  { permission: /^s3:getObject$/, property: /^BodyS3Location$/ },
  { permission: /UpdateRestApiPolicy$/, property: /^Policy$/ },
  { permission: /^s3tables:|MetadataTable|Metadata\w+TableConfiguration$/, property: /^Metadata/ },
  { permission: /BucketAbac$/, property: /^AbacStatus$/ },
  { permission: /(Put|Delete)(Bucket)?AnalyticsConfiguration$/, property: /^AnalyticsConfigurations$/ },
  { permission: /BucketC(ORS|ors)$/, property: /^CorsConfiguration$/ },
  { permission: /PutInventoryConfiguration$/, property: /^InventoryConfigurations$/ },
  { permission: /PutLifecycleConfiguration$|DeleteBucketLifecycle$/, property: /^LifecycleConfiguration$/ },
  { permission: /(Put|Delete)(Bucket)?MetricsConfiguration$/, property: /^MetricsConfigurations$/ },
  { permission: /PutBucketNotification$/, property: /^NotificationConfiguration$/ },
  { permission: /(Put|Delete)(Bucket)?Replication(Configuration)?$/, property: /^ReplicationConfiguration$/ },
  { permission: /BucketWebsite$/, property: /^WebsiteConfiguration$/ },
  { permission: /PutAccelerateConfiguration$/, property: /^AccelerateConfiguration$/ },
  { permission: /ObjectLockConfiguration$/, property: /^ObjectLock/ },
  { permission: /PutBucketLogging$/, property: /^LoggingConfiguration$/ },
  { permission: /PutBucketVersioning$/, property: /^VersioningConfiguration$/ },
  { permission: /PutBucketOwnershipControls$/, property: /^OwnershipControls$/ },
  { permission: /PutIntelligentTieringConfiguration$/, property: /^IntelligentTieringConfigurations$/ },
  { permission: /Put(Bucket|Object)Acl$/, property: /^AccessControl$/ },
  { permission: /DeleteBucketEncryption$/, property: /^$/ },
];

/**
 * What its schema does not name: of an HTTP API's access log, by "Configure logging for HTTP APIs in API Gateway" in AWS'
 * developer guide.
 */
const ACCESS_LOG = [
  ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"],
  ...["PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"],
].map((name) => ({ action: `logs:${name}`, resource: "*" }));

/** Only functions pass a role. */
const PASSES_ROLE = "AWS::Lambda::Function";

/**
 * What CloudFormation calls with the permissions of whoever deploys, to create, read, update and delete these resources: by
 * the `handlers` of AWS' schema of each type, on a resource with the name that the template or CloudFormation gives it.
 *
 * @throws Error for a type without such a schema
 */
export function callsOf(resources: Readonly<Record<string, Resource>>, stage: string): Request[] {
  const permissions = permissionsByType();
  const calls = Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    const all = permissions.get(Type);
    if (all === undefined) throw new Error(`cfn-lint's schema of ${Type}, the type of ${id}, names no permissions`);
    const needed = all.filter((permission) => isNeeded(permission, Type, Properties));
    const requests = needed.flatMap((permission) => requestsOf(permission, Type, stage, Properties.LogGroupName));
    return [...requests, ...("AccessLogSettings" in Properties ? ACCESS_LOG : [])];
  });
  return [...new Map(calls.map((call) => [JSON.stringify(call), call])).values()];
}

function isNeeded(permission: string, type: string, properties: Readonly<Record<string, unknown>>): boolean {
  if (permission === "iam:PassRole") return type === PASSES_ROLE;
  const conditions = CONDITIONAL.filter((candidate) => candidate.permission.test(permission));
  return (
    conditions.length === 0 ||
    conditions.some(({ property }) => Object.keys(properties).some((name) => property.test(name)))
  );
}

function permissionsByType(): Map<string, string[]> {
  const library = join(virtualEnvironment("linters"), "../lib");
  const [python = ""] = readdirSync(library);
  const folder = join(library, python, "site-packages/cfnlint/data/schemas/resources");
  const found = new Map<string, string[]>();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const { typeName, handlers } = JSON.parse(readFileSync(join(folder, file), "utf8"));
    if (!handlers) continue;
    const { create, read, update, delete: remove } = handlers;
    const all = [create, read, update, remove].flatMap((handler) => handler?.permissions ?? []);
    found.set(typeName, [...new Set<string>(all)]);
  }
  return found;
}
