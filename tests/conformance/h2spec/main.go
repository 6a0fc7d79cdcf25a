// Command h2spec runs h2spec, a conformance suite for HTTP/2 servers, against a gRPC server.
//
// h2spec itself sends GET requests, without the headers and the message of gRPC. ../h2spec.ts builds this program with a patched
// copy of h2spec's package spec.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/summerwind/h2spec"
	"github.com/summerwind/h2spec/config"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address of the server")
	port := flag.Int("port", 0, "port of the server")
	path := flag.String("path", "/grpc.health.v1.Health/Check", "path of the gRPC method that is called")
	report := flag.String("report", "", "file for the JUnit report")
	section := flag.String("section", "", "section to run; empty for all sections")
	timeout := flag.Duration("timeout", 2*time.Second, "time limit of one case")
	flag.Parse()

	var sections []string
	if *section != "" {
		sections = []string{*section}
	}
	_, err := h2spec.Run(&config.Config{
		Sections:     sections,
		Host:         *host,
		Port:         *port,
		Path:         *path,
		Timeout:      *timeout,
		MaxHeaderLen: 4000,
		JUnitReport:  *report,
		Strict:       true,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}
