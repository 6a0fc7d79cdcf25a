package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
)

// grafanaVersion is what the plugin reads in GF_VERSION.
const grafanaVersion = "12.4.2"

// services has the gRPC services of a plugin by the names under which Grafana dispenses them.
var services = goplugin.PluginSet{
	"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
	"resource":    &grpcplugin.ResourceGRPCPlugin{},
	"data":        &grpcplugin.DataGRPCPlugin{},
	"stream":      &grpcplugin.StreamGRPCPlugin{},
	"admission":   &grpcplugin.AdmissionGRPCPlugin{},
	"conversion":  &grpcplugin.ConversionGRPCPlugin{},
}

type pluginProcess struct {
	command *exec.Cmd
	client  *goplugin.Client
	rpc     goplugin.ClientProtocol
}

// startPlugin runs an executable and completes go-plugin's handshake with it.
//
// The process gets env and the variables of Grafana and go-plugin. It gets no PATH and no HOME, because Grafana 12.4 and newer pass
// only a few variables of their own environment to plugins. The working directory is not the plugin's folder.
func startPlugin(executable string, env []string, log io.Writer) (*pluginProcess, error) {
	path, err := filepath.Abs(executable)
	if err != nil {
		return nil, err
	}
	command := exec.Command(path)
	command.Dir = os.TempDir()
	command.Env = append([]string{"GF_VERSION=" + grafanaVersion}, env...)
	client := goplugin.NewClient(&goplugin.ClientConfig{
		Cmd:              command,
		SkipHostEnv:      true,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: services},
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		Logger: hclog.New(&hclog.LoggerOptions{Name: "grafana-host", Level: hclog.Debug, Output: log}),
	})
	rpc, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return &pluginProcess{command, client, rpc}, nil
}

// stop asks the plugin to shut down; go-plugin kills the process if it has not ended after two seconds. stop returns
// how the process ended: "exit status 0", or "signal: killed". Further calls return the same string.
func (p *pluginProcess) stop() string {
	p.client.Kill()
	return p.command.ProcessState.String()
}

// methods makes the clients of the services that this program calls.
func (p *pluginProcess) methods() (calls methods, err error) {
	if calls.diagnostics, err = dispense[grpcplugin.DiagnosticsClient](p.rpc, "diagnostics"); err != nil {
		return calls, err
	}
	if calls.resource, err = dispense[grpcplugin.ResourceClient](p.rpc, "resource"); err != nil {
		return calls, err
	}
	calls.data, err = dispense[grpcplugin.DataClient](p.rpc, "data")
	return calls, err
}

func dispense[Client any](rpc goplugin.ClientProtocol, service string) (client Client, err error) {
	dispensed, err := rpc.Dispense(service)
	if err != nil {
		return client, fmt.Errorf("dispense %s: %w", service, err)
	}
	client, ok := dispensed.(Client)
	if !ok {
		return client, fmt.Errorf("dispense %s: unexpected type %T", service, dispensed)
	}
	return client, nil
}
