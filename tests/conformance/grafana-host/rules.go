package main

import (
	"errors"
	"fmt"

	"github.com/grafana/dataplane/sdata"
	"github.com/grafana/dataplane/sdata/numeric"
	"github.com/grafana/dataplane/sdata/reader"
	"github.com/grafana/dataplane/sdata/timeseries"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// ruleValue is a value that an alert rule takes from a result: a number, or a series that needs a reduce expression.
type ruleValue struct {
	Kind   string      `json:"kind"`
	Labels data.Labels `json:"labels"`
	Values []*float64  `json:"values"`
}

// ruleValues reads frames as the expressions of a Grafana server do. A frame with a type and a version other than 0.0 is read by
// its type, with Grafana's data plane module. Any other frame is read by its columns. No values mean "no data".
func ruleValues(frames data.Frames) ([]ruleValue, error) {
	if len(frames) == 0 || len(frames[0].Fields) == 0 {
		return []ruleValue{}, nil
	}
	if meta := frames[0].Meta; meta != nil && meta.Type != "" && !meta.TypeVersion.IsZero() {
		return typedValues(frames)
	}
	values := []ruleValue{}
	for _, frame := range frames {
		found, err := untypedValues(frame)
		if err != nil {
			return nil, err
		}
		values = append(values, found...)
	}
	return values, nil
}

func typedValues(frames data.Frames) ([]ruleValue, error) {
	frameType, err := reader.CanReadBasedOnMeta(frames)
	var otherVersion *sdata.VersionWarning
	if err != nil && !errors.As(err, &otherVersion) {
		return nil, err
	}
	switch frameType.Kind() {
	case data.KindNumeric:
		return numbers(frames)
	case data.KindTimeSeries:
		return series(frames)
	}
	return nil, fmt.Errorf("frames of type %s are neither numbers nor series", frameType)
}

func numbers(frames data.Frames) ([]ruleValue, error) {
	collected, err := numeric.CollectionReaderFromFrames(frames)
	if err != nil {
		return nil, err
	}
	collection, err := collected.GetCollection(false)
	if err != nil {
		return nil, err
	}
	values := []ruleValue{}
	for _, ref := range collection.Refs {
		value, _, err := ref.NullableFloat64Value()
		if err != nil {
			return nil, err
		}
		values = append(values, ruleValue{"number", ref.GetLabels(), []*float64{value}})
	}
	return values, nil
}

func series(frames data.Frames) ([]ruleValue, error) {
	collected, err := timeseries.CollectionReaderFromFrames(frames)
	if err != nil {
		return nil, err
	}
	collection, err := collected.GetCollection(false)
	if err != nil {
		return nil, err
	}
	values := []ruleValue{}
	for _, ref := range collection.Refs {
		points, err := ref.Len()
		if err != nil {
			return nil, err
		}
		found := ruleValue{"series", ref.GetLabels(), make([]*float64, points)}
		for i := range found.Values {
			if _, found.Values[i], err = ref.NullableFloat64Point(i); err != nil {
				return nil, err
			}
		}
		values = append(values, found)
	}
	return values, nil
}

// untypedValues follows the rules for frames without a known type: one number column among texts, or a time column among numbers.
func untypedValues(frame *data.Frame) ([]ruleValue, error) {
	schema := frame.TimeSeriesSchema()
	if schema.Type == data.TimeSeriesTypeWide {
		values := []ruleValue{}
		for _, index := range schema.ValueIndices {
			field := frame.Fields[index]
			found, err := floats(field)
			if err != nil {
				return nil, err
			}
			values = append(values, ruleValue{"series", field.Labels, found})
		}
		return values, nil
	}
	if schema.Type != data.TimeSeriesTypeNot {
		return nil, fmt.Errorf("a table with times must be a wide series, and this one is %s", schema.Type)
	}
	return labelledNumbers(frame)
}

func labelledNumbers(frame *data.Frame) ([]ruleValue, error) {
	var number *data.Field
	for _, field := range frame.Fields {
		switch {
		case field.Type().Numeric() && number == nil:
			number = field
		case field.Type() != data.FieldTypeString && field.Type() != data.FieldTypeNullableString:
			return nil, fmt.Errorf("column %q is neither the only number nor a text", field.Name)
		}
	}
	if number == nil {
		return nil, errors.New("there is no number")
	}
	found, err := floats(number)
	if err != nil {
		return nil, err
	}
	values := make([]ruleValue, len(found))
	for row := range found {
		labels := data.Labels{}
		for _, field := range frame.Fields {
			if text, isText := field.ConcreteAt(row); isText && field != number {
				labels[field.Name] = fmt.Sprint(text)
			}
		}
		values[row] = ruleValue{"number", labels, found[row : row+1]}
	}
	return values, nil
}

func floats(field *data.Field) ([]*float64, error) {
	values := make([]*float64, field.Len())
	for i := range values {
		value, err := field.NullableFloatAt(i)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}
