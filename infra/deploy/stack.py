"""The stack of one stage as CloudFormation knows it: its state, parameters, and tags."""

import os
import re

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError
from failure import Failure

# A first deployment that failed leaves a stack that can only be deleted.
FAILED_CREATION = {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}
READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "REVIEW_IN_PROGRESS"}
# Lambda refuses reservations that leave less than this for all other functions of the account.
UNRESERVED = 100


class Stack:
    """Reads the stack when it is created."""

    def __init__(self, stage, name, role):
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,19}", stage):
            raise Failure("STAGE must be 1 to 20 lower-case letters, digits, and hyphens, such as dev or prod")
        self.stage, self.name, self.role = stage, name or f"port-out-{stage}", role
        session = boto3.Session()
        # botocore reads AWS_DEFAULT_REGION only; the other SDKs, and shells that follow them, set AWS_REGION.
        self.region = os.environ.get("AWS_REGION") or session.region_name
        if not self.region:
            raise Failure("no AWS region: set AWS_REGION, or sign in with a profile that has one")
        self.clients = {name: session.client(name, region_name=self.region)
                        for name in ("cloudformation", "lambda", "sts")}
        try:
            self.identity = self.clients["sts"].get_caller_identity()["Arn"]
            stack = self.describe()
        except (BotoCoreError, ClientError) as error:
            raise Failure(f"AWS cannot be reached with the credentials of this shell: {error}") from None
        self.status = stack.get("StackStatus")
        self.parameters = {it["ParameterKey"]: it["ParameterValue"] for it in stack.get("Parameters", [])}
        self.tags = {it["Key"]: it["Value"] for it in stack.get("Tags", [])}
        self.outputs = {it["OutputKey"]: it["OutputValue"] for it in stack.get("Outputs", [])}

    @classmethod
    def of_environment(cls):
        return cls(os.environ.get("STAGE") or "dev", os.environ.get("STACK"), os.environ.get("ROLE"))

    def output(self, name):
        if name not in self.outputs:
            raise Failure(f"{self.name} has no output {name}: is it deployed?")
        return self.outputs[name]

    @property
    def exists(self):
        """Whether the stack was ever created as a whole."""
        return self.status is not None and self.status not in FAILED_CREATION | {"REVIEW_IN_PROGRESS"}

    def describe(self):
        try:
            return self.clients["cloudformation"].describe_stacks(StackName=self.name)["Stacks"][0]
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise

    def default_tags(self):
        return {"Project": "port-out-pin", "Stage": self.stage, "DataClass": "confidential"}

    def require_ready(self):
        if self.status is None or self.status in READY | FAILED_CREATION:
            return
        if self.status.endswith("_IN_PROGRESS"):
            raise Failure(f"{self.name} is changing ({self.status}): wait until that has ended")
        raise Failure(f"{self.name} is in {self.status}: run `aws cloudformation continue-update-rollback --stack-name "
                      f"{self.name}`, then deploy again")

    def remove_failed_creation(self):
        """Deletes what a first deployment that failed has left, so that the name is free; it holds no records."""
        if self.status not in FAILED_CREATION:
            return
        print(f"The first deployment failed ({self.status}). Removing what is left of it.")
        client = self.clients["cloudformation"]
        role = {"RoleARN": self.role} if self.role else {}
        resources = client.describe_stack_resources(StackName=self.name)["StackResources"]
        client.delete_stack(StackName=self.name, **role)
        try:
            client.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 5})
        except WaiterError as error:
            raise Failure(f"{self.name} cannot be deleted: {error}. Delete it in the CloudFormation console") from None
        for it in resources:
            if it["ResourceType"] == "AWS::DynamoDB::Table" and it.get("PhysicalResourceId"):
                print(f"Its table {it['PhysicalResourceId']} is empty and protected from deletion: see Cleaning up in "
                      "infra/README.md.")

    def reservable_concurrency(self):
        """Returns how many concurrent executions can still be reserved, or None if that cannot be read."""
        try:
            limits = self.clients["lambda"].get_account_settings()["AccountLimit"]
        except (BotoCoreError, ClientError) as error:
            print(f"The account's concurrency limit cannot be read: {error}")
            return None
        return max(0, limits["UnreservedConcurrentExecutions"] - UNRESERVED)
