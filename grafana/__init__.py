"""Boards for Grafana: made by `grafana.boards`, provisioned from `grafana/provisioning`."""
