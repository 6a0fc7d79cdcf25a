// Command grafana-host starts a data source plugin, calls it over gRPC and decodes its data frames, with the Go modules that a
// Grafana server uses for this.
//
//	grafana-host [-env NAME=VALUE]... [EXECUTABLE]
//
// It reads requests from stdin and writes responses to stdout, in the same order, each as one line of JSON:
//
//	{"method": "CheckHealth", "request": {…}}    request: the method's message in protobuf's JSON format
//	{"result": …}                                or {"error": "…"}
//
// Its first line is {"result": "ready"}. At the end of stdin it stops the plugin and writes how the plugin's process ended, for
// example {"result": "exit status 0"}. Without EXECUTABLE it starts no plugin, and DecodeFrame is the only method.
// The program logs to stderr.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

type request struct {
	Method  string          `json:"method"`
	Request json.RawMessage `json:"request"`
}

type response struct {
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

// variables collects the values of a flag that can be given several times.
type variables []string

func (v *variables) String() string {
	return strings.Join(*v, " ")
}

func (v *variables) Set(value string) error {
	*v = append(*v, value)
	return nil
}

func main() {
	var env variables
	flag.Var(&env, "env", "variable of the plugin's environment, as `NAME=VALUE`; can be repeated")
	flag.Parse()
	if err := run(flag.Arg(0), env); err != nil {
		fmt.Fprintln(os.Stderr, "grafana-host:", err)
		os.Exit(1)
	}
}

func run(executable string, env []string) error {
	var calls methods
	var running *pluginProcess
	if executable != "" {
		var err error
		if running, err = startPlugin(executable, env, os.Stderr); err != nil {
			return err
		}
		defer running.stop()
		if calls, err = running.methods(); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	if err := out.Encode(response{Result: "ready"}); err != nil {
		return err
	}
	if err := serve(json.NewDecoder(os.Stdin), out, calls); err != nil {
		return err
	}
	if running == nil {
		return nil
	}
	return out.Encode(response{Result: running.stop()})
}

// serve handles requests until the end of the input.
func serve(in *json.Decoder, out *json.Encoder, calls methods) error {
	for {
		var next request
		if err := in.Decode(&next); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read a request: %w", err)
		}
		answer := response{}
		if result, err := calls.call(next.Method, next.Request); err != nil {
			answer.Error = err.Error()
		} else {
			answer.Result = result
		}
		if err := out.Encode(answer); err != nil {
			return fmt.Errorf("write a response: %w", err)
		}
	}
}
