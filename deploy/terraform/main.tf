# Data sources of type Micromegas. Grafana must have the plugin: Terraform configures a data source, it does not install plugins.
#
#   export GRAFANA_URL=https://grafana.example.com GRAFANA_AUTH=<token of a service account with role Admin>
#   export TF_VAR_micromegas_api_key=... TF_VAR_oauth_client_secret=...
#   terraform init && terraform apply
#
# docs/admin/provisioning.md lists all settings. The state file of Terraform contains the secrets: encrypt it and restrict access to it.
#
# This file does not start Micromegas. Set the limits of its server, and its rule against statements that write, too:
# docs/operator/security.md, "Limits of the server" and "A rule on the server".

terraform {
  required_providers {
    grafana = {
      source  = "grafana/grafana"
      version = "~> 4.0"
    }
  }
}

# Reads GRAFANA_URL and GRAFANA_AUTH.
provider "grafana" {}

variable "micromegas_host" {
  description = "host:port of the Micromegas server, without scheme"
  type        = string
  default     = "micromegas.example.com:443"
}

variable "micromegas_api_key" {
  type      = string
  sensitive = true
}

variable "oauth_issuer" {
  description = "Issuer of the identity provider, for example https://example.eu.auth0.com/"
  type        = string
  default     = "https://issuer.example.com/"
}

variable "oauth_client_id" {
  type    = string
  default = "grafana"
}

variable "oauth_client_secret" {
  type      = string
  sensitive = true
}

variable "oauth_audience" {
  description = "Depends on the provider: docs/admin/sign-in.md"
  type        = string
  default     = "https://micromegas.example.com"
}

resource "grafana_data_source" "micromegas" {
  type = "micromegas-micromegas-datasource"
  name = "Micromegas"
  uid  = "micromegas"

  json_data_encoded = jsonencode({
    host             = var.micromegas_host
    secure           = true
    selectedAuthType = "token"
  })

  secure_json_data_encoded = jsonencode({
    token = var.micromegas_api_key
  })
}

resource "grafana_data_source" "micromegas_oauth" {
  type = "micromegas-micromegas-datasource"
  name = "Micromegas (OAuth)"
  uid  = "micromegas-oauth"

  json_data_encoded = jsonencode({
    host                  = var.micromegas_host
    secure                = true
    selectedAuthType      = "oauth2"
    oauthIssuer           = var.oauth_issuer
    oauthClientId         = var.oauth_client_id
    oauthAudience         = var.oauth_audience
    enableUserAttribution = true
  })

  secure_json_data_encoded = jsonencode({
    oauthClientSecret = var.oauth_client_secret
  })
}
