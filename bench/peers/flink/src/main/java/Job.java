import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The job in Flink's DataStream API; it ends with its input. Its argument is the state backend. */
public final class Job {
  static final Duration DISORDER = Duration.ofMinutes(2);

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Event {
    public String type;
    public String time;
    public String subject;
    public Data data;
    public long millis;
  }

  @JsonIgnoreProperties(ignoreUnknown = true)
  public static final class Data {
    public String channel;
    public String priority;
    public String agent_id;
    public String author;
  }

  public static final class Ticket {
    public long created;
    public String channel;
    public String priority;
    public long firstReply;
    public long resolved;
    public int replies;
    public String agent;
  }

  /** Of one ticket: how long it took, by metric, channel and priority. */
  public static final class Observation {
    public String series;
    public long duration;
  }

  public static final class Sum {
    public long count;
    public long total;
  }

  public static final class Figure {
    public String window;
    public long count;
    public long total;
  }

  static final class Decoder extends AbstractDeserializationSchema<Event> {
    private transient ObjectMapper json;

    @Override
    public void open(InitializationContext context) {
      json = new ObjectMapper();
    }

    @Override
    public Event deserialize(byte[] value) throws IOException {
      Event event = json.readValue(value, Event.class);
      event.millis = Instant.parse(event.time).toEpochMilli();
      return event;
    }
  }

  static final class Fold extends KeyedProcessFunction<String, Event, Observation> {
    private transient ValueState<Ticket> tickets;

    @Override
    public void open(OpenContext context) {
      tickets = getRuntimeContext().getState(new ValueStateDescriptor<>("tickets", Ticket.class));
    }

    @Override
    public void processElement(Event event, Context context, Collector<Observation> out) throws Exception {
      Ticket ticket = tickets.value();
      if (ticket == null) {
        ticket = new Ticket();
      }
      switch (event.type) {
        case "ticket.created" -> {
          ticket.created = event.millis;
          ticket.channel = event.data.channel;
          ticket.priority = event.data.priority;
        }
        case "ticket.replied" -> {
          ticket.replies += 1;
          ticket.agent = event.data.agent_id;
          if (ticket.firstReply == 0 && "agent".equals(event.data.author)) {
            ticket.firstReply = event.millis;
            out.collect(observation("first_response", ticket, event.millis));
          }
        }
        case "ticket.resolved" -> {
          ticket.resolved = event.millis;
          out.collect(observation("resolution", ticket, event.millis));
        }
        default -> {}
      }
      tickets.update(ticket);
    }

    private static Observation observation(String metric, Ticket ticket, long time) {
      Observation observation = new Observation();
      observation.series = metric + "|" + ticket.channel + "|" + ticket.priority;
      observation.duration = time - ticket.created;
      return observation;
    }
  }

  static final class Add implements AggregateFunction<Observation, Sum, Sum> {
    @Override
    public Sum createAccumulator() {
      return new Sum();
    }

    @Override
    public Sum add(Observation observation, Sum sum) {
      sum.count += 1;
      sum.total += observation.duration;
      return sum;
    }

    @Override
    public Sum getResult(Sum sum) {
      return sum;
    }

    @Override
    public Sum merge(Sum one, Sum other) {
      one.count += other.count;
      one.total += other.total;
      return one;
    }
  }

  static final class Name extends ProcessWindowFunction<Sum, Figure, String, TimeWindow> {
    @Override
    public void process(String series, Context context, Iterable<Sum> sums, Collector<Figure> out) {
      Sum sum = sums.iterator().next();
      Figure figure = new Figure();
      figure.window = series + "|" + context.window().getStart();
      figure.count = sum.count;
      figure.total = sum.total;
      out.collect(figure);
    }
  }

  static KafkaRecordSerializationSchema<Figure> toTopic(String topic) {
    return (figure, context, timestamp) ->
        new ProducerRecord<>(
            topic,
            figure.window.getBytes(StandardCharsets.UTF_8),
            ("[" + figure.count + "," + figure.total + "]").getBytes(StandardCharsets.UTF_8));
  }

  public static void main(String[] arguments) throws Exception {
    String broker = System.getenv("PEER_BROKER");
    String directory = System.getenv("PEER_DIRECTORY");
    Configuration settings = new Configuration();
    settings.setString("state.backend.type", arguments[0]);
    settings.setString("execution.checkpointing.incremental", "true");
    settings.setString("execution.checkpointing.interval", "1s");
    settings.setString("execution.checkpointing.dir", "file://" + directory + "/checkpoints");
    settings.setString("state.backend.rocksdb.localdir", directory + "/rocksdb");
    settings.setString("pipeline.object-reuse", "true");
    settings.setString("parallelism.default", "2");
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(settings);

    KafkaSource<Event> source =
        KafkaSource.<Event>builder()
            .setBootstrapServers(broker)
            .setGroupId(System.getenv("PEER_NAME"))
            .setTopics(System.getenv("PEER_INPUT"))
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setBounded(OffsetsInitializer.latest())
            .setValueOnlyDeserializer(new Decoder())
            .build();
    KafkaSink<Figure> sink =
        KafkaSink.<Figure>builder()
            .setBootstrapServers(broker)
            .setRecordSerializer(toTopic(System.getenv("PEER_OUTPUT")))
            .build();
    environment
        .fromSource(
            source,
            WatermarkStrategy.<Event>forBoundedOutOfOrderness(DISORDER)
                .withTimestampAssigner((event, timestamp) -> event.millis),
            "tickets")
        .keyBy(event -> event.subject)
        .process(new Fold())
        .keyBy(observation -> observation.series)
        .window(TumblingEventTimeWindows.of(Duration.ofMinutes(1)))
        .aggregate(new Add(), new Name())
        .sinkTo(sink);
    environment.execute();
  }
}
